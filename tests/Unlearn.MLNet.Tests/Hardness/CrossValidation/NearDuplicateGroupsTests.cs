using CsCheck;
using TorchSharp;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.CrossValidation;

public sealed class NearDuplicateGroupsTests
{
    [Theory]
    [InlineData(5, 0.98)]
    [InlineData(5, 0.9)]
    [InlineData(40, 0.98)]
    [InlineData(40, 0.6)]
    public void GroupsAreThoseOfBruteForce(int columns, double threshold)
    {
        var features = NoisyCopies(rows: 400, columns, seed: 7);
        var groups = Find(features, columns, threshold);
        Assert.Equal(BruteForce(features, columns, threshold), groups);
        Assert.InRange(groups.Max(), 1, 398);
    }

    [Fact]
    public void GroupsOfSmallTablesAreThoseOfBruteForce() =>
        (from columns in Gen.Int[1, 6]
         from features in Gen.Float[-1, 1].Array[columns * 12]
         from threshold in Gen.Double[0.5, 0.99]
         select (columns, features, threshold))
        .Where(t => IsClearCut(t.features, t.columns, t.threshold))
        .Sample(t => Assert.Equal(BruteForce(t.features, t.columns, t.threshold), Find(t.features, t.columns, t.threshold)));

    [Theory]
    [InlineData(0.98)]
    [InlineData(0.6)]
    public void BlocksOfAnySizeInMemoryOrInAFileGiveTheSameGroups(double threshold)
    {
        const int Columns = 5;
        var features = NoisyCopies(rows: 400, Columns, seed: 7);
        var expected = Find(features, Columns, threshold);
        foreach (var folder in new[] { null, Path.GetTempPath() })
        {
            using var rows = IFeatureSource.Create(folder, Columns);
            foreach (var row in features.Chunk(Columns))
                rows.Add(row);
            foreach (var atOnce in new[] { 1, 7, 150, 399, 400 })
                Assert.Equal(expected, NearDuplicateGroups.Find(rows, threshold, TestContext.Current.CancellationToken, valuesAtOnce: atOnce * Columns));
        }
    }

    [Fact]
    public void IdenticalRowsShareAGroupAtThresholdOne()
    {
        var row = new Random(3).GetItems<float>([0.1f, 0.7f, 0.35f], 100);
        var other = row.Reverse().ToArray();
        Assert.Equal([0, 1, 0, 1, 1], Find([.. row, .. other, .. row, .. other, .. other], 100, 1));
    }

    [Fact]
    public void NumbersFollowFirstAppearance() =>
        Assert.Equal([0, 1, 2, 1, 0], Find([1, 0, -1, 1, 0, -2, -1, 1, 1, 0], 2));

    [Fact]
    public void RowsWithoutDirectionShareAGroupWithOneAnotherOnly()
    {
        // The column means are (0.1, 0.2): rows 1 and 3 equal them, up to the rounding of single precision.
        var groups = Find([1.1f, 0.2f, 0.1f, 0.2f, -0.9f, 0.2f, 0.1f, 0.2f], 2);
        Assert.Equal([0, 1, 2, 1], groups);
        Assert.Equal([0, 0, 0], Find([0.1f, 0.1f, 0.1f], 1));
    }

    [Fact]
    public void NoRowsHaveNoGroups() => Assert.Empty(Find([], 3));

    [Fact]
    public void TextsAreComparedByTheirRepresentation()
    {
        // Rows of this length come 16 at a time.
        const int Length = 1 << 14;
        const int Rows = 40;
        var representations = NoisyCopies(Rows, TextTarget.Dimensions, seed: 7);
        float[] features = [.. representations.Chunk(TextTarget.Dimensions).SelectMany(row => row.Concat(new float[Length - row.Length]))];
        using var rows = new TrainingRows([.. Enumerable.Range(0, Rows).Select(id => $"{id}")], features, Length, new long[Rows], 2);
        using var target = new TextTarget(Length);
        var groups = NearDuplicateGroups.Of(rows, target, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Find(representations, TextTarget.Dimensions), groups);
        Assert.InRange(groups.Max(), 1, Rows - 2);

        Assert.Throws<OperationCanceledException>(() => NearDuplicateGroups.Of(rows, target, cancellationToken: new CancellationToken(true)));
        foreach (var threshold in new[] { 0, 1.5 })
            Assert.Throws<ArgumentOutOfRangeException>(
                () => NearDuplicateGroups.Of(rows, target, threshold, TestContext.Current.CancellationToken));
        target.Fails = true;
        Assert.Equal("broken", Assert.Throws<InvalidOperationException>(
            () => NearDuplicateGroups.Of(rows, target, cancellationToken: TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void BadArgumentsAreNamed()
    {
        Assert.Contains("Row 1, column 0 is NaN", Assert.Throws<ArgumentException>(() => Find([1, 2, float.NaN, 4], 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Find([1, 2, 3], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Find([1, 2], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Find([1, 2], 2, 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Find([1, 2], 2, 0));
        Assert.Throws<OperationCanceledException>(() => NearDuplicateGroups.Find([1, 2, 3, 4], 2, cancellationToken: new CancellationToken(true)));
    }

    private static int[] Find(float[] features, int columns, double threshold = NearDuplicateGroups.DefaultThreshold) =>
        NearDuplicateGroups.Find(features, columns, threshold, TestContext.Current.CancellationToken);

    private static float[] NoisyCopies(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        var prototypes = Enumerable.Range(0, rows / 4).Select(_ => Vector(1)).ToArray();
        return
        [
            .. Enumerable.Range(0, rows).SelectMany(_ => prototypes[random.Next(prototypes.Length)].Zip(Vector(0.3 * random.NextDouble()), (a, b) => a + b)),
        ];

        float[] Vector(double scale) => [.. Enumerable.Range(0, columns).Select(_ => (float)(scale * (2 * random.NextDouble() - 1)))];
    }

    // Every row has a direction, and no similarity is so near the threshold that rounding decides.
    private static bool IsClearCut(float[] features, int columns, double threshold) =>
        Similarities(features, columns).SelectMany(line => line).All(s => Math.Abs(s - threshold) > 1e-5);

    private static double[][] Similarities(float[] features, int columns)
    {
        var rows = features.Chunk(columns).Select(row => row.Select(x => (double)x).ToArray()).ToArray();
        var mean = Enumerable.Range(0, columns).Select(c => rows.Average(row => row[c])).ToArray();
        var units = rows.Select(row => row.Zip(mean, (x, m) => x - m).ToArray())
            .Select(row => row.Select(x => x / Math.Sqrt(row.Sum(y => y * y))).ToArray()).ToArray();
        return [.. units.Select(a => units.Select(b => a.Zip(b, (x, y) => x * y).Sum()).ToArray())];
    }

    private static int[] BruteForce(float[] features, int columns, double threshold)
    {
        var similarities = Similarities(features, columns);
        var groups = Enumerable.Repeat(-1, similarities.Length).ToArray();
        var next = 0;
        for (var start = 0; start < groups.Length; start++)
        {
            if (groups[start] < 0)
                Flood(start, next++);
        }

        return groups;

        void Flood(int row, int group)
        {
            var open = new Stack<int>([row]);
            while (open.TryPop(out var i))
            {
                groups[i] = group;
                foreach (var j in Enumerable.Range(0, groups.Length).Where(j => groups[j] < 0 && similarities[i][j] >= threshold))
                {
                    groups[j] = group;
                    open.Push(j);
                }
            }
        }
    }

    /// <summary>Reads texts; the first features of a row are its representation.</summary>
    private sealed class TextTarget(int length) : ITarget
    {
        public const int Dimensions = 3;

        public bool Fails { get; set; }

        public int ClassCount => 2;

        public int FeatureCount => length;

        public bool TakesText => true;

        public TargetCapabilities Capabilities => TargetCapabilities.Logits;

        public torch.Tensor Logits(torch.Tensor features) => torch.zeros(features.shape[0], ClassCount);

        public torch.Tensor Embed(torch.Tensor features) => Fails ? throw new InvalidOperationException("broken") : features.narrow(1, 0, Dimensions).clone();

        public ITarget Clone() => new TextTarget(length);

        public void Dispose() { }
    }
}
