using Unlearn.Transforms;

namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>
/// Folds of a cross-validation. Groups of rows, such as near-duplicates, never straddle two folds; each fold gets about its share of the hard and of
/// the easy rows, under every unlearner's labels at once. So all unlearners, factor subsets and transfers can be compared on the same folds.
/// </summary>
/// <remarks>
/// Greedy, as in Sechidis, Tsoumakas and Vlahavas (2011): groups with the most of the rarest come first, ties in seeded order; each goes to the fold
/// that keeps the sum over folds and classes of the squared share of the class least.
/// </remarks>
internal sealed class GroupedFolds
{
    private readonly int[] _folds;

    private GroupedFolds(int[] folds, int count) => (_folds, Count) = (folds, count);

    /// <summary>Number of folds.</summary>
    public int Count { get; }

    /// <summary>The fold of each row, from 0.</summary>
    public IReadOnlyList<int> Folds => _folds;

    /// <summary>Splits rows into folds.</summary>
    /// <param name="labels">One or more labelings of the rows, such as one per unlearner.</param>
    /// <param name="groups">Group of each row: any number, the same within a group.</param>
    /// <param name="count">Number of folds, from 2.</param>
    /// <param name="seed">Seed.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 2.</exception>
    /// <exception cref="ArgumentException">Lengths differ, or a fold would have no hard or no easy row under one of the labelings: its AUC would be undefined.</exception>
    public static GroupedFolds Split(IReadOnlyList<IReadOnlyList<bool>> labels, IReadOnlyList<int> groups, int count, long seed)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        if (labels.FirstOrDefault(labeling => labeling.Count != groups.Count) is { } bad)
            throw new ArgumentException($"There are {bad.Count} labels but {groups.Count} groups: both are one per row.", nameof(labels));

        var totals = Counts(labels, Enumerable.Range(0, groups.Count));
        int[][] members = [.. Enumerable.Range(0, groups.Count).GroupBy(row => groups[row]).Select(group => group.ToArray())];
        new SeededRandom(Seed.Derive(seed, "folds")).Shuffle<int[]>(members);
        var filled = Enumerable.Range(0, count).Select(_ => new double[totals.Length]).ToArray();
        var folds = new int[groups.Count];
        foreach (var (rows, counts) in members.Select(rows => (rows, Counts(labels, rows))).OrderByDescending(group => Rarity(group.Item2, totals)))
        {
            var fold = Enumerable.Range(0, count).MinBy(fold => Cost(counts, filled[fold], totals));
            foreach (var row in rows)
                folds[row] = fold;
            for (var k = 0; k < counts.Length; k++)
                filled[fold][k] += counts[k];
        }

        Check(filled, labels.Count, groups.Count, members.Length);
        return new GroupedFolds(folds, count);
    }

    /// <summary>Rows outside a fold, in ascending order: those that its model is trained on.</summary>
    /// <param name="fold">The fold, from 0.</param>
    public int[] Training(int fold) => [.. Enumerable.Range(0, _folds.Length).Where(row => _folds[row] != fold)];

    /// <summary>Rows of a fold, in ascending order: those that its model never sees.</summary>
    /// <param name="fold">The fold, from 0.</param>
    public int[] HeldOut(int fold) => [.. Enumerable.Range(0, _folds.Length).Where(row => _folds[row] == fold)];

    // Hard and easy rows of each labeling in turn, and last all rows.
    private static double[] Counts(IReadOnlyList<IReadOnlyList<bool>> labels, IEnumerable<int> rows)
    {
        var counts = new double[(2 * labels.Count) + 1];
        foreach (var row in rows)
        {
            counts[^1]++;
            for (var k = 0; k < labels.Count; k++)
                counts[(2 * k) + (labels[k][row] ? 0 : 1)]++;
        }
        return counts;
    }

    private static double Rarity(double[] counts, double[] totals) => counts.Select((n, k) => n / Math.Max(1, totals[k])).Sum();

    private static double Cost(double[] counts, double[] filled, double[] totals) => counts.Select((n, k) => n == 0 ? 0 : n * filled[k] / (totals[k] * totals[k])).Sum();

    private static void Check(double[][] filled, int labelings, int rows, int groups)
    {
        for (var fold = 0; fold < filled.Length; fold++)
            for (var k = 0; k < 2 * labelings; k++)
                if (filled[fold][k] == 0)
                    throw new ArgumentException(
                        $"Fold {fold + 1} of {filled.Length} over {rows} rows in {groups} groups has no {(k % 2 == 0 ? "hard" : "easy")} row under labeling {(k / 2) + 1}, "
                        + "so it holds rows of one label only and its AUC is undefined: use fewer folds, more rows, or groups of closer duplicates.");
    }
}
