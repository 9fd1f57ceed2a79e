using TorchSharp;
using Unlearn.Transforms.Torch;
using Xunit;

namespace Unlearn.Transforms.Tests.Torch.Training;

/// <summary>A row that is alone in a batch has no variance: batch normalization would make NaN of it.</summary>
public sealed class LoneRowTests
{
    private const int Width = 6;

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    private static TorchRecipe Normalized(int batchSize = 8) =>
        new(TorchArchitecture.Custom("lone-row-norm", [Width], TinyRows.Classes, () => torch.nn.Sequential(
            ("hidden", torch.nn.Linear(Width, 5)), ("norm", torch.nn.BatchNorm1d(5)), ("relu", torch.nn.ReLU()),
            ("output", torch.nn.Linear(5, TinyRows.Classes)))))
        {
            Epochs = 3, BatchSize = batchSize, Device = TorchDevice.Cpu,
        };

    private static TorchRecipe Plain(int batchSize = 8) => Normalized(batchSize) with { Architecture = TorchArchitecture.Mlp(Width, TinyRows.Classes, 5) };

    private static int[] First(int count) => [.. Enumerable.Range(0, count)];

    public static TheoryData<int, int> Remainders => new() { { 17, 8 }, { 9, 8 }, { 33, 8 }, { 3, 2 }, { 49, 16 }, { 41, 40 } };

    [Theory]
    [MemberData(nameof(Remainders))]
    public void Trainings_that_leave_a_single_row_are_finite(int count, int batchSize)
    {
        using var rows = TinyRows.Training(50, Width);
        var recipe = Normalized(batchSize);
        using var target = recipe.Train(rows, First(count), seed: 1, cancellationToken: TestToken);
        AssertFinite(target, rows);
        Assert.All(target.Trace!.Confidences, epoch => Assert.All(epoch, confidence => Assert.InRange(confidence, float.Epsilon, 1)));
        using var continued = recipe.Continue(target, rows, First(count), seed: 2, cancellationToken: TestToken);
        AssertFinite(continued, rows);
        using var traced = recipe.TrainWithGradientTrace(rows, First(count), seed: 1, cancellationToken: TestToken);
        Assert.All(traced.Trace!.SquaredGradientNorms, norm => Assert.True(float.IsFinite(norm)));
        foreach (var many in (recipe with { Stack = 2 }).TrainMany(
            rows, [new() { Positions = First(count), Seed = 1 }, new() { Positions = First(count), Seed = 2 }], TestToken))
            using (many)
                AssertFinite(many, rows);
    }

    [Theory]
    [MemberData(nameof(Remainders))]
    public void Stacks_take_the_batches_of_single_trainings(int count, int batchSize)
    {
        using var rows = TinyRows.Training(50, Width);
        var recipe = Plain(batchSize) with { Stack = 2 };
        TrainingSpec[] trainings = [new() { Positions = First(count), Seed = 1 }, new() { Positions = First(Math.Min(50, count + 3)), Seed = 2 }];
        var stacked = recipe.TrainMany(rows, trainings, TestToken);
        foreach (var (target, training) in stacked.Zip(trainings))
            using (target)
            {
                using var single = recipe.Train(rows, training.Positions, training.Seed, cancellationToken: TestToken);
                using var difference = (single.Logits(rows.Features) - target.Logits(rows.Features)).abs().max();
                Assert.InRange(difference.item<float>(), 0, 1e-4f);
            }
    }

    [Fact]
    public void Reference_models_are_finite()
    {
        using var rows = TinyRows.Training(34, Width);
        var references = ReferenceModels.Train(Normalized(), rows, seed: 1, count: 4, cancellationToken: TestToken);
        Assert.Contains(17, references.Members.Select(model => model.Count(isIn => isIn)));
        Assert.All(references.LogitConfidences, model => Assert.All(model, confidence => Assert.True(float.IsFinite(confidence))));
    }

    [Fact]
    public void A_single_row_with_batch_normalization_is_refused_with_the_cause()
    {
        using var rows = TinyRows.Training(50, Width);
        var failure = Assert.Throws<ArgumentException>(() => Normalized().Train(rows, First(1), seed: 1, cancellationToken: TestToken));
        Assert.Contains("'norm'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("a single row to train on", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<ArgumentException>(() => Normalized(batchSize: 1).Train(rows, First(9), seed: 1, cancellationToken: TestToken));
        Assert.Contains("BatchSize is 1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_batch_normalization_a_single_row_trains_like_any()
    {
        using var rows = TinyRows.Training(50, Width);
        foreach (var (count, batchSize) in new[] { (1, 8), (9, 1) })
        {
            using var target = Plain(batchSize).Train(rows, First(count), seed: 1, cancellationToken: TestToken);
            AssertFinite(target, rows);
        }
    }

    private static void AssertFinite(TorchTarget target, TrainingRows rows)
    {
        Assert.Null(FiniteState.FindOffender(target.Module));
        using var finite = target.Logits(rows.Features).isfinite().all();
        Assert.True(finite.item<bool>());
    }
}
