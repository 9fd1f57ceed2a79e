using Unlearn.Transforms;

namespace Unlearn.MLNet.Tests.Hardness;

/// <summary>
/// Factors that explain most of hardness: A and B both drive it, A for the most part, which BlurredA tells as well; Noise does not. Every third row
/// has a near-duplicate.
/// </summary>
internal static class PlantedHardness
{
    public const int Rows = 400;

    public static HardnessOptions Options { get; } = new() { Folds = 3, Trees = 30, MinimumRowsPerLeaf = 5, Permutations = 2, Workers = 2 };

    public static int[] Groups { get; } = [.. Enumerable.Range(0, Rows).Select(row => row % 3 == 1 ? row - 1 : row)];

    public static FactorColumn[] Factors(int seed = 1, float scale = 1) =>
    [
        new() { Name = "A", Tier = FactorTier.T0, Values = [.. Column(seed, 1).Select(x => scale * (float)x)], Family = "first" },
        new() { Name = "BlurredA", Tier = FactorTier.T1, Values = [.. Column(seed, 1).Zip(Column(seed, 4), (x, blur) => (float)(x + 0.1 * blur))], Family =
            "first" },
        new() { Name = "B", Tier = FactorTier.T1, Values = [.. Column(seed, 2).Select(x => (float)x)], Family = "second" },
        new() { Name = "Noise", Tier = FactorTier.T2, Values = [.. Column(seed, 3).Select(x => (float)x)], Family = "third" },
    ];

    /// <summary>Scores of an unlearner: the more noise, the less can be predicted.</summary>
    public static HardnessScores Scores(string unlearner, int salt, double noise = 0.2, int seed = 1) => new()
    {
        Unlearner = unlearner,
        All = Score(seed, noise, salt),
        Halves = [Score(seed, noise, salt + 100), Score(seed, noise, salt + 200)],
    };

    public static bool[] Labels(int seed) => [.. HardnessScores.Label(Score(seed, 0.2, 10), 0.2)];

    private static double[] Score(int seed, double noise, int salt) =>
        [.. Column(seed, 1).Zip(Column(seed, 2), Column(seed, salt)).Select(x => 2 * x.First + x.Second + noise * x.Third)];

    private static double[] Column(int seed, int salt)
    {
        var random = new Random((int)(Seed.Derive(seed, "planted", salt) & int.MaxValue));
        var values = Enumerable.Range(0, Rows).Select(_ => random.NextDouble()).ToArray();
        for (var row = 1; row < Rows; row += 3)
            values[row] = values[row - 1];
        return values;
    }
}
