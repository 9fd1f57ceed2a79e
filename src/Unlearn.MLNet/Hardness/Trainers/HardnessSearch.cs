using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>
/// A nested search of the trainer: within the training rows of each fold, grouped inner folds choose the candidate with the highest AUC, which then
/// trains on all of them. The rows that a figure is reported on take no part in the choice.
/// </summary>
public sealed record HardnessSearch
{
    private static readonly int[] Trees = [60, 120, 240];
    private static readonly int[] Leaves = [4, 8, 16];
    private static readonly double[] LearningRates = [0.025, 0.05, 0.1];
    private static readonly int[] MinimumRows = [10, 20, 40];

    /// <summary>Trainers to choose from, at least one; ties go to the earlier.</summary>
    public required IReadOnlyList<HardnessTrainer> Candidates { get; init; }

    /// <summary>Inner folds, from 2.</summary>
    /// <value>Default 3.</value>
    public int InnerFolds { get; init; } = 3;

    /// <summary>A random search: different settings of FastTree and LightGBM in turn, the default settings first.</summary>
    /// <param name="candidates">Number of candidates, from 1 to 162.</param>
    /// <param name="seed">Seed of the choice.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="candidates"/> is out of range.</exception>
    public static HardnessSearch Random(int candidates, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(candidates, 1);
        TreeSettings[] settings =
        [
            .. from trees in Trees from leaves in Leaves from rate in LearningRates from rows in MinimumRows select new TreeSettings { Trees = trees, Leaves = leaves, LearningRate = rate, MinimumRowsPerLeaf = rows },
        ];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(candidates, 2 * settings.Length);
        new SeededRandom(Seed.Derive(seed, "search")).Shuffle<TreeSettings>(settings);
        var ordered = settings.OrderByDescending(setting => setting == new TreeSettings()).ToArray();
        return new() { Candidates = [.. Enumerable.Range(0, candidates).Select(i => i % 2 == 0 ? HardnessTrainers.FastTree(ordered[i / 2]) : HardnessTrainers.LightGbm(ordered[i / 2]))] };
    }
}
