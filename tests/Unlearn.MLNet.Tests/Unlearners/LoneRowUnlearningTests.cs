using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners;

/// <summary>Unlearners and batch normalization where a pass leaves a row alone: it has no variance of its own.</summary>
public sealed class LoneRowUnlearningTests(LoneRowUnlearningTests.Models models) : IClassFixture<LoneRowUnlearningTests.Models>
{
    public sealed class Models : IDisposable
    {
        // 49 of 54 rows are retained, and a slice of SISA's has 9: batches of 8 leave one.
        internal UnlearningCase Lone { get; } = UnlearningCase.Normalized(rows: 54, batchSize: 8);

        public void Dispose() => Lone.Dispose();
    }

    private static readonly int[] Forgotten = [1, 7, 20, 33, 50];

    // Other tests register unlearners of their own.
    public static TheoryData<string> Names =>
        [.. OwnUnlearners.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_unlearned_is_finite(string name)
    {
        using var unlearned = KnownUnlearners.Find(name).Unlearn(models.Lone.Request(Forgotten), CancellationToken.None);
        Assert.All(UnlearningCase.State(unlearned.Model), value => Assert.True(float.IsFinite(value)));
        Assert.All(models.Lone.Confidences(unlearned.Model), value => Assert.InRange(value, 0, 1));
        if (unlearned.Original is { } original)
            Assert.All(UnlearningCase.State(original), value => Assert.True(float.IsFinite(value)));
    }

    [Theory]
    [InlineData("EU")]
    [InlineData("FT")]
    [InlineData("NegGrad+")]
    [InlineData("SCRUB")]
    [InlineData("CT")]
    public void Batches_of_one_row_are_refused_with_the_cause(string name)
    {
        var (lone, unlearner) = (models.Lone, KnownUnlearners.Find(name));
        var failure = Assert.Throws<ArgumentException>(
            () => unlearner.Unlearn(new(lone.Target, lone.Recipe with { BatchSize = 1 }, lone.Rows, Forgotten, seed: 1), CancellationToken.None));
        Assert.Contains("BatchSize is 1", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<ArgumentException>(
            () => unlearner.Unlearn(new(lone.Target, lone.Recipe, lone.Rows, lone.Positions[1..], seed: 1), CancellationToken.None));
        Assert.Contains("a single row to train on", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slice_of_one_row_is_refused_with_the_cause_and_serves_without_batch_normalization()
    {
        var slices = new Sisa { Shards = 18, Slices = 3 };
        var failure = Assert.Throws<ArgumentException>(() => slices.Unlearn(models.Lone.Request(4), CancellationToken.None));
        Assert.Contains("fewer shards or slices of SISA", failure.Message, StringComparison.Ordinal);

        using var plain = UnlearningCase.Small(TorchArchitecture.Mlp(8, 3, 5), stack: 1);
        using var unlearned =
            new Sisa { Shards = 20, Slices = 3 }.Unlearn(new(plain.Target, plain.Recipe, plain.Rows, [LastSliceOf(plain)], seed: 11), CancellationToken.None);
        Assert.All(UnlearningCase.State(unlearned.Model), value => Assert.True(float.IsFinite(value)));

        // A row whose shard's first slice is another's.
        static int LastSliceOf(UnlearningCase data) => data.Positions.First(position =>
        {
            try
            {
                new Sisa { Shards = 20, Slices = 3 }.Unlearn(
                    new(data.Target, data.Recipe, data.Rows, [position], seed: 11), new CancellationToken(canceled: true));
                return true;
            }
            catch (ArgumentException)
            {
                return false;
            }
            catch (OperationCanceledException)
            {
                return true;
            }
        });
    }
}
