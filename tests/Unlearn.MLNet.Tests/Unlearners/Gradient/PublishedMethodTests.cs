using TorchSharp;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners.Gradient;

/// <summary>CF-k, EU-k, Fisher forgetting, boundary shrink and DELETE, and SISA's slices, against their steps written out and slow loops.</summary>
public sealed class PublishedMethodTests : IDisposable
{
    private static readonly int[] Forget = [4, 7];

    private readonly UnlearningCase _data = UnlearningCase.FullBatch();

    private int[] Retained => [.. _data.Positions.Except(Forget)];

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Catastrophic_forgetting_fine_tunes_the_last_layer_and_keeps_the_first()
    {
        using var expected = new Descent(_data);
        for (var step = 0; step < 3; step++)
            StepOfLastLayer(expected);
        using var unlearned = _data.Unlearn(new CatastrophicForgetting { Layers = 1, Epochs = 3 }, Forget);
        expected.AssertIs(unlearned);
        Assert.Equal(First(_data.Target), First(unlearned));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    public void Catastrophic_forgetting_of_all_layers_is_fine_tuning(int layers)
    {
        using var expected = _data.Unlearn(new FineTuning { Epochs = 3 }, Forget);
        using var unlearned = _data.Unlearn(new CatastrophicForgetting { Layers = layers, Epochs = 3 }, Forget);
        Assert.Equal(UnlearningCase.State(expected), UnlearningCase.State(unlearned));
    }

    [Theory]
    [InlineData(2, 1, 0)]
    [InlineData(300, 7, 0)]
    [InlineData(3000, 200, 100)]
    public void The_deviation_of_all_features_is_that_of_Torch_block_by_block(int count, int width, float offset)
    {
        using var scope = torch.NewDisposeScope();
        var random = new Random(count);
        float[] values = [.. Enumerable.Range(0, count * width).Select(_ => offset + (float)random.NextDouble())];
        using var rows = new TrainingRows(
            [.. Enumerable.Range(0, count).Select(row => $"{row}")], values, width, [.. Enumerable.Range(0, count).Select(row => row % 2L)], 2);
        Assert.Equal(rows.Features.std(unbiased: false).item<float>(), BoundaryShrink.DeviationOf(rows.Values));
    }

    [Fact]
    public void A_normalization_goes_with_the_layer_before_it()
    {
        using var data = UnlearningCase.Normalized();
        using var unlearned = data.Unlearn(new CatastrophicForgetting { Layers = 1 }, Forget);
        var before = data.Target.Module.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        Assert.Equal(["output.weight", "output.bias"],
            unlearned.Module.named_parameters().Where(pair => !pair.parameter.equal(before[pair.name]).all().item<bool>()).Select(pair => pair.name));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.25)]
    public void Last_layers_retraining_starts_the_last_layer_afresh_and_trains_as_the_recipe_does(double share)
    {
        using var untrained = TorchTarget.Untrained(_data.Recipe.Architecture, TorchDevice.Cpu, Seed.Derive(11, "initialisation"));
        using var expected = new Descent(_data, relativeRate: 1);
        using (torch.no_grad())
            foreach (var (parameter, fresh) in expected.Model.Module.parameters().Zip(untrained.Module.parameters()).Skip(2))
                parameter.copy_((1 - share) * parameter + share * fresh);
        for (var step = 0; step < _data.Recipe.Epochs / 2; step++)
            StepOfLastLayer(expected);
        using var unlearned = _data.Unlearn(new LastLayersRetraining { Layers = 1, FreshShare = share, RelativeEpochs = 0.5 }, Forget);
        expected.AssertIs(unlearned);
        Assert.Equal(First(_data.Target), First(unlearned));
    }

    [Fact]
    public void Fisher_forgetting_adds_noise_by_the_fourth_root_of_the_fisher_diagonal()
    {
        int[] retained = Retained;
        double[] before = [.. _data.Target.Module.parameters().SelectMany(parameter => parameter.data<float>().ToArray())], fisher = new double[before.Length];
        foreach (var row in retained)
            for (var k = 0; k < 3; k++)
            {
                var (gradient, probability) = (_data.Gradient([row], _ => k), Probability(row, k));
                for (var i = 0; i < fisher.Length; i++)
                    fisher[i] += probability * gradient[i] * gradient[i] / retained.Length;
            }
        using var generator = new torch.Generator((ulong)Seed.Derive(11, "noise"));
        double[] normal =
        [
            .. _data.Target.Module.parameters().SelectMany(parameter => torch.randn(parameter.shape, generator: generator).data<float>().ToArray()),
        ];
        var size = 0.1 * Math.Sqrt(before.Average(value => value * value));
        using var unlearned = _data.Unlearn(new FisherForgetting { NoiseScale = 0.1, RelativeDamping = 0.02 }, Forget);
        var after = unlearned.Module.parameters().SelectMany(parameter => parameter.data<float>().ToArray()).ToArray();
        Assert.Contains(fisher, value => value < 0.5 * fisher.Average());
        for (var i = 0; i < after.Length; i++)
            Assert.Equal(before[i] + size * normal[i] * Math.Pow(fisher[i] / fisher.Average() + 0.02, -0.25), after[i], 1e-5);
    }

    [Fact]
    public void Boundary_shrink_trains_the_forgotten_rows_towards_the_nearest_wrong_class()
    {
        int[] forget = [4, 7, 20, 33];
        var deviation = Math.Sqrt(Variance([.. _data.Rows.Features.data<float>()]));
        var nearest = forget.ToDictionary(row => row, row => NearestWrongClass(row, 0.3 * deviation));
        using var expected = new Descent(_data, relativeRate: 0.1);
        for (var step = 0; step < 3; step++)
            expected.Step(expected.Loss(forget, row => nearest[row]));
        using var unlearned = _data.Unlearn(new BoundaryShrink { Epochs = 3 }, forget);
        expected.AssertIs(unlearned);
    }

    [Fact]
    public void Boundary_shrink_refuses_tokens_and_says_what_to_take()
    {
        using var text = UnlearningCase.Text(stack: 1);
        var message = Assert.Throws<ArgumentException>(() => text.Unlearn(new BoundaryShrink(), 3)).Message;
        Assert.Contains("tokens", message, StringComparison.Ordinal);
        Assert.Contains("DELETE", message, StringComparison.Ordinal);
        using var unlearned = text.Unlearn(new DecoupledDistillation(), 3);
        Assert.True(text.Confidences(unlearned)[3] < text.Confidences(text.Target)[3]);
    }

    [Fact]
    public void Decoupled_distillation_follows_the_targets_other_classes()
    {
        using var expected = new Descent(_data, relativeRate: 0.1);
        var teacher = new float[Forget.Length, 3];
        for (var i = 0; i < Forget.Length; i++)
            for (var k = 0; k < 3; k++)
                teacher[i, k] = k == _data.Rows.LabelAt(Forget[i])
                    ? 0
                    : (float)(Probability(Forget[i], k) / (1 - Probability(Forget[i], (int)_data.Rows.LabelAt(Forget[i]))));
        for (var step = 0; step < 3; step++)
            expected.Step((torch.tensor(teacher) * torch.nn.functional.log_softmax(expected.Logits(expected.Model, Forget), 1)).sum() / -Forget.Length);
        using var unlearned = _data.Unlearn(new DecoupledDistillation { Epochs = 3 }, Forget);
        expected.AssertIs(unlearned, 2e-5f);
    }

    [Fact]
    public void Decoupled_distillation_ends_with_the_proportions_of_the_other_classes()
    {
        using var unlearned = _data.Unlearn(new DecoupledDistillation { Epochs = 400, RelativeLearningRate = 0.5 }, 4);
        var own = (int)_data.Rows.LabelAt(4);
        Assert.True(_data.Confidences(unlearned)[4] < 0.02);
        for (var k = 0; k < 3; k++)
            if (k != own)
                Assert.Equal(Probability(4, k) / (1 - Probability(4, own)), Probability(4, k, unlearned), 0.02);
    }

    [Theory]
    [InlineData(1, 12, 12)]
    [InlineData(2, 12, 8)]
    [InlineData(2, 20, 13)]
    [InlineData(3, 12, 6)]
    [InlineData(9, 2, 1)]
    public void Sisas_slices_share_the_recipes_epochs(int slices, int epochs, int expected) =>
        Assert.Equal(expected, new Sisa { Slices = slices }.EpochsOfSlice(epochs));

    [Fact]
    public void Sisa_trains_slice_after_slice_with_the_share_of_the_epochs()
    {
        var recipe = _data.Recipe with { Epochs = 6 };
        using var unlearned = new Sisa { Shards = 1, Slices = 2 }.Unlearn(new(_data.Target, recipe, _data.Rows, Forget, seed: 11), CancellationToken.None);
        var order = _data.Positions;
        new SeededRandom(Seed.Derive(11, "placement")).Shuffle<int>(order);
        var ofSlice = recipe with { Epochs = 4 };
        using var first = ofSlice.Train(_data.Rows, order.Where((_, i) => i % 2 == 0).Order().ToArray(), seed: 11);
        using var second = ofSlice.Continue(first, _data.Rows, _data.Positions, Seed.Derive(11, "slice", 1));
        Assert.Equal(UnlearningCase.State(second), UnlearningCase.State(unlearned.Original!));
    }

    private void StepOfLastLayer(Descent expected)
    {
        expected.Step(expected.Loss(Retained));
        using var noGrad = torch.no_grad();
        foreach (var (parameter, original) in expected.Model.Module.parameters().Zip(_data.Target.Module.parameters()).Take(2))
            parameter.copy_(original);
    }

    private static float[] First(TorchTarget model) => [.. model.Module.parameters().Take(2).SelectMany(parameter => parameter.data<float>().ToArray())];

    private double Probability(int row, int k, TorchTarget? model = null)
    {
        using var scope = torch.NewDisposeScope();
        return (model ?? _data.Target).Logits(_data.Rows.Features.narrow(0, row, 1)).to(torch.ScalarType.Float64).softmax(1)[0, k].item<double>();
    }

    private long NearestWrongClass(int row, double bound)
    {
        using var scope = torch.NewDisposeScope();
        var own = (int)_data.Rows.LabelAt(row);
        var at = _data.Rows.FeaturesAt(row).ToArray();
        var moved = at.ToArray();
        for (var i = 0; i < at.Length; i++)
        {
            // The sign of the slope of −log p_y, by a difference.
            var (up, down) = (at.ToArray(), at.ToArray());
            up[i] += 1e-2f;
            down[i] -= 1e-2f;
            moved[i] += (float)(bound * Math.Sign(Answer(down)[own] - Answer(up)[own]));
        }
        var answer = Answer(moved);
        return Enumerable.Range(0, 3).Where(k => k != own).MaxBy(k => answer[k]);

        double[] Answer(float[] features) =>
            _data.Target.Logits(torch.tensor(features).unsqueeze(0)).to(torch.ScalarType.Float64).log_softmax(1).data<double>().ToArray();
    }

    private static double Variance(float[] values)
    {
        var mean = values.Average(value => (double)value);
        return values.Average(value => (value - mean) * (value - mean));
    }
}
