using Unlearn.Transforms;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>Rows to train on and rows to calibrate on; no group has rows in both.</summary>
/// <param name="Groups">Group of each row.</param>
/// <param name="Training">Rows to train on, ascending.</param>
/// <param name="Calibration">Rows to calibrate on, ascending.</param>
internal sealed record GroupSplit(IReadOnlyList<int> Groups, int[] Training, int[] Calibration)
{
    /// <summary>Draws groups for the calibration until they have its share of the rows. A group that would exceed it stays in training.</summary>
    public static GroupSplit Draw(IReadOnlyList<int> groups, double calibrationShare, long seed)
    {
        int[][] members = [.. Enumerable.Range(0, groups.Count).GroupBy(row => groups[row]).Select(group => group.ToArray())];
        new SeededRandom(Seed.Derive(seed, "calibration groups")).Shuffle<int[]>(members);
        var wanted = (int)Math.Round(calibrationShare * groups.Count);
        List<int> training = [];
        List<int> calibration = [];
        foreach (var rows in members)
            (calibration.Count + rows.Length <= wanted ? calibration : training).AddRange(rows);
        return new(groups, [.. training.Order()], [.. calibration.Order()]);
    }
}
