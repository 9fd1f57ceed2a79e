using CsCheck;
using Unlearn.MLNet.Hardness.CrossValidation;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness;

public sealed class TokenBagsTests
{
    private const int Columns = 8;

    [Fact]
    public void Groups_are_those_of_brute_force() =>
        (from tokens in Gen.Int[0, 6].Array[Columns * 30]
         from threshold in Gen.Double[0.5, 1]
         select (Tokens: Array.ConvertAll(tokens, token => (float)token), Threshold: threshold))
        .Where(t => Similarities(t.Tokens).All(s => Math.Abs(s - t.Threshold) > 1e-6))
        .Sample(t => Assert.Equal(BruteForce(t.Tokens, t.Threshold), Groups(t.Tokens, t.Threshold)), iter: 200);

    [Fact]
    public void Order_and_padding_of_tokens_do_not_matter() =>
        Assert.Equal([0, 0, 1, 2, 2], Groups([1, 2, 2, 3, 0, 0, 0, 0, 0, 3, 0, 2, 1, 2, 0, 0, 1, 2, 2, 4, 0, 0, 0, 0, .. new float[2 * Columns]], 1));

    [Fact]
    public void Unrelated_short_rows_are_no_duplicates()
    {
        // As magnitudes, tokens of rare words dwarf the rest: rows with one at the same place look alike.
        float[] tokens = [4999, 2, 3, 0, 0, 0, 0, 0, 4990, 7, 9, 0, 0, 0, 0, 0, 3, 4, 5, 6, 7, 8, 9, 10];
        Assert.Equal([0, 0, 1], NearDuplicateGroups.Find(tokens, Columns, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal([0, 1, 2], Groups(tokens, NearDuplicateGroups.DefaultThreshold));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_target_says_whether_rows_are_tokens(bool areTokens)
    {
        // Rows 0 and 1 have the same tokens in another order; as vectors they point elsewhere.
        float[][] features = [[1, 2, 3, 9], [9, 3, 2, 1], [4, 5, 6, 7], [5, 8, 8, 0]];
        using var rows = new TrainingRows(["0", "1", "2", "3"], [.. features.SelectMany(row => row)], 4, [0, 1, 0, 1], 2);
        using var target =
            TorchTarget.Untrained(areTokens ? TorchArchitecture.BagOfTokens(4, 10, 3, 2) : TorchArchitecture.Mlp(4, 2, 3), TorchDevice.Cpu, seed: 1);
        Assert.Equal(areTokens ? [0, 0, 1, 2] : [0, 1, 2, 3], NearDuplicateGroups.Of(rows, target, cancellationToken: TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(-1, "-1")]
    [InlineData(1.5f, "1.5")]
    [InlineData(float.NaN, "NaN")]
    public void What_is_no_token_is_named(float token, string shown) =>
        Assert.Contains($"Row 1, column 2 is {shown}: tokens must be whole numbers from 0",
            Assert.Throws<ArgumentException>(() => Groups([1, 2, 3, 4, 5, token], 0.9, columns: 3)).Message, StringComparison.Ordinal);

    private static int[] Groups(float[] tokens, double threshold, int columns = Columns)
    {
        using var rows = new FeatureList(columns);
        foreach (var row in tokens.Chunk(columns))
            rows.Add(row);
        using var inMemory = new TokenBags(rows, folder: null);
        using var stored = new TokenBags(rows, Path.GetTempPath());
        var groups = inMemory.Groups(threshold, TestContext.Current.CancellationToken);
        Assert.Equal(groups, stored.Groups(threshold, TestContext.Current.CancellationToken));
        return groups;
    }

    private static double Similarity(float[] first, float[] second) =>
        Enumerable.Range(1, 6).Sum(token => Math.Sqrt(Share(first, token) * Share(second, token)));

    private static double Share(float[] row, int token) => row.Count(t => t == token) / (double)Math.Max(1, row.Count(t => t != 0));

    private static IEnumerable<double> Similarities(float[] tokens) =>
        tokens.Chunk(Columns).SelectMany(a => tokens.Chunk(Columns).Select(b => Similarity(a, b)));

    private static int[] BruteForce(float[] tokens, double threshold)
    {
        var rows = tokens.Chunk(Columns).ToList();
        var groups = Enumerable.Range(0, rows.Count).ToArray();
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = 0; i < rows.Count; i++)
                for (var j = 0; j < i; j++)
                    if (groups[i] != groups[j] && (Similarity(rows[i], rows[j]) >= threshold || rows[i].All(t => t == 0) && rows[j].All(t => t == 0)))
                    {
                        groups[i] = groups[j] = Math.Min(groups[i], groups[j]);
                        changed = true;
                    }
        }
        var numbers = groups.Distinct().Select((group, number) => (group, number)).ToDictionary();
        return Array.ConvertAll(groups, group => numbers[group]);
    }
}
