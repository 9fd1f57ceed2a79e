using TorchSharp;
using Unlearn.Transforms.Torch.PerSample;
using Xunit;

namespace Unlearn.Transforms.Tests.Torch.Training;

public sealed class TrainingLoopTests : IDisposable
{
    private const int Width = 64;
    private const long RootSeed = 7;
    private readonly TrainingRows _rows = TinyRows.Training(50, Width);
    private readonly int[] _positions = [.. Enumerable.Range(0, 50).Where(row => row % 7 != 0)];

    public void Dispose() => _rows.Dispose();

    private static TorchRecipe Recipe(OptimizerKind optimizer = OptimizerKind.Sgd) => new(TorchArchitecture.SmallCnn(1, 8, 8, TinyRows.Classes, [3, 4, 6]))
    {
        Epochs = 4,
        BatchSize = 16,
        Optimizer = optimizer,
        LearningRate = optimizer == OptimizerKind.Sgd ? 0.1 : 0.01,
        Schedule = LearningRateSchedule.Constant,
        Device = TorchDevice.Cpu,
    };

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.AdamW)]
    public void Training_and_its_trace_equal_a_plain_loop(OptimizerKind kind)
    {
        var recipe = Recipe(kind);
        using var trained = recipe.Train(_rows, _positions, RootSeed, cancellationToken: TestContext.Current.CancellationToken);
        var trace = trained.Trace!;

        using var plain = TorchTarget.Untrained(recipe.Architecture, TorchDevice.Cpu, Seed.Derive(RootSeed, "initialisation"));
        plain.SetTrainable(true);
        plain.Module.train();
        var parameters = plain.Module.parameters();
        using torch.optim.Optimizer optimizer = kind == OptimizerKind.Sgd
            ? torch.optim.SGD(parameters, recipe.LearningRate, recipe.Momentum, weight_decay: recipe.WeightDecay)
            : torch.optim.AdamW(parameters, recipe.LearningRate, weight_decay: recipe.WeightDecay);
        var shuffle = new SeededRandom(Seed.Derive(RootSeed, "order"));
        int[] order = [.. Enumerable.Range(0, _positions.Length)];
        for (var epoch = 0; epoch < recipe.Epochs; epoch++)
        {
            shuffle.Shuffle<int>(order);
            var loss = 0.0;
            foreach (var batch in order.Chunk(recipe.BatchSize))
            {
                using var scope = torch.NewDisposeScope();
                var at = torch.tensor(batch.Select(row => (long)_positions[row]).ToArray());
                var labels = _rows.Labels[at];
                var logits = plain.Forward(_rows.Features[at]);
                optimizer.zero_grad();
                torch.nn.functional.cross_entropy(logits, labels).backward();
                optimizer.step();

                var f = logits.detach().data<float>().ToArray();
                for (var i = 0; i < batch.Length; i++)
                {
                    var y = _rows.LabelAt(_positions[batch[i]]);
                    var own = f.AsSpan(i * TinyRows.Classes, TinyRows.Classes).ToArray();
                    var confidence = Math.Exp(own[y]) / own.Sum(value => Math.Exp(value));
                    var margin = own[y] - own.Where((_, k) => k != y).Max();
                    loss -= Math.Log(confidence);
                    Assert.Equal(confidence, trace.Confidences[epoch][batch[i]], 1e-4);
                    Assert.Equal(margin, trace.Margins[epoch][batch[i]], 1e-3);
                    Assert.Equal(margin > 0, trace.Correct[epoch][batch[i]]);
                }
            }
            Assert.Equal(loss / order.Length, trace.Epochs[epoch].Loss, 1e-4);
            Assert.Equal(trace.Correct[epoch].Count(correct => correct) / (double)order.Length, trace.Epochs[epoch].Accuracy);
        }
        var expected = Weights(plain);
        var actual = Weights(trained);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-4f);
        Assert.Equal(_positions.Select(row => _rows.Ids[row]), trace.RowIds);
        Assert.Equal(_positions.Select(_rows.LabelAt), trace.Labels);
        Assert.Equal(0, trace.GradientCheckpoints);
    }

    [Fact]
    public void Many_steps_leave_no_row_out_of_the_trace()
    {
        var recipe = Recipe() with { BatchSize = 1, Epochs = 2, LearningRate = 1e-3 };
        using var rows = TinyRows.Training(150, Width);
        using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), RootSeed, cancellationToken: TestContext.Current.CancellationToken);
        Assert.All(target.Trace!.Confidences, epoch => Assert.All(epoch, confidence => Assert.InRange(confidence, float.Epsilon, 1)));
    }

    [Fact]
    public void Recording_gradients_changes_no_bit_of_the_weights()
    {
        var architecture = TorchArchitecture.Custom("test-dropout-norm", [Width], TinyRows.Classes, () => torch.nn.Sequential(
            ("hidden", torch.nn.Linear(Width, 8)), ("norm", torch.nn.BatchNorm1d(8)), ("dropout", new SeededDropout(0.3)),
            ("output", torch.nn.Linear(8, TinyRows.Classes))));
        foreach (var recipe in new[] { Recipe(), Recipe() with { Architecture = architecture } })
        {
            using var without = recipe.Train(_rows, _positions, RootSeed, cancellationToken: TestContext.Current.CancellationToken);
            using var with = recipe.TrainWithGradientTrace(_rows, _positions, RootSeed, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(Weights(without), Weights(with));
            Assert.Equal(without.Trace!.Margins[^1], with.Trace!.Margins[^1]);
            Assert.Equal(recipe.Epochs, with.Trace.GradientCheckpoints);
        }
    }

    [Theory]
    [InlineData(4, new[] { 1, 2, 3, 4 })]
    [InlineData(2, new[] { 2, 4 })]
    [InlineData(3, new[] { 2, 3, 4 })]
    public void Recorded_gradients_equal_a_row_by_row_loop_over_the_models_of_those_epochs(int checkpoints, int[] epochs)
    {
        var recipe = Recipe();
        using var target = recipe.TrainWithGradientTrace(_rows, _positions, RootSeed, checkpoints, cancellationToken: TestContext.Current.CancellationToken);
        var trace = target.Trace!;
        Assert.Equal(epochs.Length, trace.GradientCheckpoints);

        var norms = new double[_positions.Length];
        var inputs = _positions.Select(_ => new List<double[]>()).ToArray();
        foreach (var epoch in epochs)
        {
            // With a constant learning rate, a shorter training is the beginning of a longer one.
            using var model = (recipe with { Epochs = epoch }).Train(_rows, _positions, RootSeed, cancellationToken: TestContext.Current.CancellationToken);
            using var scope = torch.NewDisposeScope();
            var at = torch.tensor(_positions.Select(row => (long)row).ToArray());
            var norm = RowByRowGradients.Norms(model.Network, _rows.Features[at],
                model.Logits(_rows.Features[at]).softmax(1) - torch.nn.functional.one_hot(_rows.Labels[at], TinyRows.Classes)).data<float>();
            for (var row = 0; row < _positions.Length; row++)
            {
                norms[row] += norm[row] * (double)norm[row];
                var x = _rows.Features[_positions[row]].unsqueeze(0).clone().requires_grad_(true);
                using var grad = torch.enable_grad();
                var ofLabel = model.Forward(x)[0, _rows.LabelAt(_positions[row])];
                inputs[row].Add([.. torch.autograd.grad([ofLabel], [x])[0].data<float>().Select(value => (double)value)]);
            }
        }
        for (var row = 0; row < _positions.Length; row++)
        {
            Assert.Equal(norms[row], trace.SquaredGradientNorms[row], 1e-3 * norms[row] + 1e-7);
            var variance = Enumerable.Range(0, Width).Average(i => inputs[row].Average(g => g[i] * g[i]) - Math.Pow(inputs[row].Average(g => g[i]), 2));
            Assert.Equal(variance, trace.InputGradientVariances[row], 1e-3 * variance + 1e-7);
        }
    }

    [Fact]
    public void A_trained_target_is_a_target_like_any_other()
    {
        using var target = Recipe().Train(_rows, _positions, RootSeed, cancellationToken: TestContext.Current.CancellationToken);
        using var clone = target.Clone();
        using var continued = Recipe().Continue(target, _rows, _positions, 8, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Weights(target), Weights(clone));
        Assert.NotEqual(Weights(target), Weights(continued));
        Assert.All(target.Module.parameters(), parameter => Assert.True(parameter.grad is null && !parameter.requires_grad));
    }

    [Fact]
    public void A_diverging_training_is_named()
    {
        var failure = Assert.Throws<TrainingDivergedException>(
            () => (Recipe() with { LearningRate = 1e30 }).Train(_rows, _positions, RootSeed, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("learning rate", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Impossible_checkpoints_are_named()
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Recipe().TrainWithGradientTrace(_rows, _positions, RootSeed, checkpoints: 1, cancellationToken: TestContext.Current.CancellationToken));
        var failure = Assert.Throws<ArgumentException>(
            () => (Recipe() with { Epochs = 1 }).TrainWithGradientTrace(_rows, _positions, RootSeed, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("Epochs", failure.Message, StringComparison.Ordinal);
    }

    private static float[] Weights(TorchTarget target) =>
        [.. target.Module.state_dict().Where(entry => entry.Value.dtype == torch.float32).SelectMany(entry => entry.Value.data<float>().ToArray())];
}
