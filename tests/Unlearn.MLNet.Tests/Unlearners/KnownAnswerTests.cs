using TorchSharp;
using Unlearn.MLNet.Tests.Unlearners.Gradient;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners;

/// <summary>Unlearners that train, against their steps written out (<see cref="Descent"/>).</summary>
public sealed class KnownAnswerTests : IDisposable
{
    private static readonly int[] Forget = [4, 7];

    private readonly UnlearningCase _data = UnlearningCase.FullBatch();

    private int[] Retained => [.. _data.Positions.Except(Forget)];

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Fine_tuning_descends_the_loss_of_the_retained_rows()
    {
        using var expected = new Descent(_data);
        for (var step = 0; step < 3; step++)
            expected.Step(expected.Loss(Retained));
        using var unlearned = _data.Unlearn(new FineTuning { Epochs = 3 }, Forget);
        expected.AssertIs(unlearned);
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(0.3)]
    public void A_step_of_gradient_ascent_adds_the_gradient_of_the_forgotten_rows_loss(double maximumNorm)
    {
        float[] before = Parameters(_data.Target), gradient = _data.Gradient(Forget);
        var norm = Math.Sqrt(gradient.Sum(value => (double)value * value));
        Assert.True(norm > 0.3, $"a gradient of norm {norm} is not shortened");
        using var unlearned = _data.Unlearn(new GradientAscent { Epochs = 1, RelativeLearningRate = 0.5, MaximumGradientNorm = maximumNorm }, Forget);
        var factor = Math.Min(1, maximumNorm / norm);
        var expected = before.Zip(gradient, (value, slope) => value + 0.5 * _data.Recipe.LearningRate * (factor * slope - _data.Recipe.WeightDecay * value));
        Assert.All(expected.Zip(Parameters(unlearned)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.All(Forget, row => Assert.True(_data.Confidences(unlearned)[row] < _data.Confidences(_data.Target)[row]));
    }

    [Fact]
    public void Neg_grad_plus_goes_down_one_loss_and_up_the_other()
    {
        using var expected = new Descent(_data);
        for (var step = 0; step < 2; step++)
            expected.Step(0.7 * expected.Loss(Retained) - 0.3 * expected.Loss(Forget));
        using var unlearned = _data.Unlearn(new NegGradPlus { RetainWeight = 0.7 }, Forget);
        expected.AssertIs(unlearned);
    }

    [Fact]
    public void Neg_grad_plus_without_weight_for_the_forgotten_rows_is_fine_tuning()
    {
        using var fineTuned = _data.Unlearn(new FineTuning(), Forget);
        using var unlearned = _data.Unlearn(new NegGradPlus { RetainWeight = 1 }, Forget);
        Assert.Equal(UnlearningCase.State(fineTuned), UnlearningCase.State(unlearned));
    }

    // Which wrong classes are drawn is the unlearner's affair: exactly one of the four choices must explain what it did.
    [Fact]
    public void Random_labels_trains_towards_classes_that_are_not_the_rows_own()
    {
        using var unlearned = _data.Unlearn(new RandomLabels { ForgottenRowWeight = 20 }, Forget);
        var after = Parameters(unlearned);
        var explaining = 0;
        foreach (var first in new[] { 1, 2 })
            foreach (var second in new[] { 1, 2 })
            {
                using var expected = new Descent(_data);
                for (var step = 0; step < 2; step++)
                    expected.Step((58 * expected.Loss(Retained) + 20 * 2 * expected.Loss(
                        Forget, row => (_data.Rows.LabelAt(row) + (row == Forget[0] ? first : second)) % 3)) / (58 + 20 * 2));
                explaining += Parameters(expected.Model).Zip(after).All(pair => Math.Abs(pair.First - pair.Second) < 1e-5) ? 1 : 0;
            }
        Assert.Equal(1, explaining);
    }

    [Fact]
    public void Random_labels_draws_every_wrong_class()
    {
        var steps = Enumerable.Range(0, 60).Select(row => (RandomLabels.WrongClass(_data.Request(row), row) - _data.Rows.LabelAt(row) + 3) % 3).ToList();
        Assert.Equal([1, 2], steps.Distinct().Order());
        Assert.InRange(steps.Count(step => step == 1), 15, 45);
    }

    [Fact]
    public void Salun_moves_the_parameters_of_largest_gradient_as_random_labels_does_and_no_other()
    {
        float[] before = Parameters(_data.Target), gradient = _data.Gradient(Forget);
        using var all = _data.Unlearn(new RandomLabels { Epochs = 1 }, Forget);
        using var unlearned = _data.Unlearn(new SalUn { Epochs = 1, SalientShare = 0.25 }, Forget);
        float[] free = Parameters(all), masked = Parameters(unlearned);
        var salient = Enumerable.Range(0, before.Length).OrderByDescending(i => MathF.Abs(gradient[i])).Take((int)Math.Round(0.25 * before.Length)).ToHashSet();
        for (var i = 0; i < before.Length; i++)
            Assert.Equal(salient.Contains(i) ? free[i] : before[i], masked[i]);
        Assert.True(salient.Count(i => free[i] != before[i]) > salient.Count / 2);
    }

    [Fact]
    public void Salun_with_all_parameters_is_random_labels()
    {
        using var expected = _data.Unlearn(new RandomLabels(), Forget);
        using var unlearned = _data.Unlearn(new SalUn { SalientShare = 1 }, Forget);
        Assert.Equal(UnlearningCase.State(expected), UnlearningCase.State(unlearned));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Scrub_alternates_steps_up_the_divergence_of_the_forgotten_rows_and_down_that_of_the_retained_ones(double temperature)
    {
        using var expected = new Descent(_data);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            if (epoch < 2)
                expected.Step(-expected.Divergence(_data.Target, Forget, temperature));
            expected.Step(0.4 * expected.Divergence(_data.Target, Retained, temperature) + 0.9 * expected.Loss(Retained));
        }
        using var unlearned = _data.Unlearn(new Scrub
        {
            Temperature = temperature, DivergenceWeight =
                0.4, LossWeight = 0.9, Epochs = 3, DisobedientEpochs = 2, RelativeLearningRate = 0.5, MaximumGradientNorm = double.PositiveInfinity,
        }, Forget);
        expected.AssertIs(unlearned);
    }

    [Fact]
    public void Scrub_does_not_move_while_the_copy_equals_its_teacher()
    {
        var request = new UnlearningRequest(_data.Target, _data.Recipe with { WeightDecay = 0 }, _data.Rows, Forget, seed: 11);
        using var unlearned = new Scrub { LossWeight = 0 }.Unlearn(request, CancellationToken.None);
        Assert.All(Parameters(_data.Target).Zip(Parameters((TorchTarget)unlearned.Model)), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void Bad_teacher_follows_the_target_on_retained_rows_and_an_untrained_module_on_forgotten_ones()
    {
        using var untrained = TorchTarget.Untrained(_data.Recipe.Architecture, TorchDevice.Cpu, Seed.Derive(11, "initialisation"));
        using var expected = new Descent(_data);
        for (var step = 0; step < 3; step++)
            expected.Step((58 * expected.Divergence(_data.Target, Retained) + 30 * 2 * expected.Divergence(untrained, Forget)) / (58 + 30 * 2));
        using var unlearned = _data.Unlearn(new BadTeacher { ForgottenRowWeight = 30, Epochs = 3 }, Forget);
        expected.AssertIs(unlearned);
    }

    [Fact]
    public void Bad_teacher_ends_with_the_untrained_modules_answers_on_forgotten_rows_and_the_targets_on_the_others()
    {
        using var untrained = TorchTarget.Untrained(_data.Recipe.Architecture, TorchDevice.Cpu, Seed.Derive(11, "initialisation"));
        using var unlearned = _data.Unlearn(new BadTeacher { ForgottenRowWeight = 29, Epochs = 100 }, Forget);
        float[] incompetent = _data.Confidences(untrained), before = _data.Confidences(_data.Target), after = _data.Confidences(unlearned);
        Assert.True(Forget.Sum(row => Math.Abs(after[row] - incompetent[row])) < 0.5 * Forget.Sum(row => Math.Abs(before[row] - incompetent[row])));
        Assert.True(Retained.Average(row => Math.Abs(after[row] - before[row])) < 0.1, $"{Retained.Average(row => Math.Abs(after[row] - before[row]))}");
    }

    [Fact]
    public void L1_fine_tuning_adds_the_signs_of_the_parameters_with_a_fading_weight()
    {
        using var expected = new Descent(_data);
        for (var step = 0; step < 2; step++)
        {
            var weight = 0.02 * (1 - step / 2.0);
            var signs = expected.Model.Module.parameters().Select(parameter => parameter.detach().sign()).ToList();
            expected.Step(expected.Loss(Retained), (i, gradient) => gradient + weight * signs[i]);
        }
        using var unlearned = _data.Unlearn(new L1SparseFineTuning { PenaltyWeight = 0.02 }, Forget);
        expected.AssertIs(unlearned);
    }

    [Fact]
    public void L1_fine_tuning_without_penalty_is_fine_tuning()
    {
        using var fineTuned = _data.Unlearn(new FineTuning(), Forget);
        using var unlearned = _data.Unlearn(new L1SparseFineTuning { PenaltyWeight = 0 }, Forget);
        Assert.Equal(UnlearningCase.State(fineTuned), UnlearningCase.State(unlearned));
    }

    private static float[] Parameters(TorchTarget model)
    {
        using var scope = torch.NewDisposeScope();
        return [.. model.Module.parameters().SelectMany(parameter => parameter.detach().data<float>().ToArray())];
    }
}
