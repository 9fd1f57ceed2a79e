using Unlearn.Transforms;

namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>
/// Folds of a cross-validation, of about equal size. Groups of rows, such as near-duplicates, never straddle two folds. Folds depend on the groups and the
/// seed alone, never on labels: so what is found for one unlearner does not change with the unlearners beside it, and all can be compared on the same folds.
/// </summary>
/// <remarks>Greedy: the largest groups come first, ties in seeded order; each goes to the fold with the fewest rows.</remarks>
internal sealed class GroupedFolds
{
    private readonly int[] _folds;

    private GroupedFolds(int[] folds, int count) => (_folds, Count) = (folds, count);

    /// <summary>Number of folds.</summary>
    public int Count { get; }

    /// <summary>The fold of each row, from 0.</summary>
    public IReadOnlyList<int> Folds => _folds;

    /// <summary>Splits rows into folds.</summary>
    /// <param name="groups">Group of each row: any number, the same within a group.</param>
    /// <param name="count">Number of folds, from 2.</param>
    /// <param name="seed">Seed.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 2.</exception>
    /// <exception cref="ArgumentException">There are fewer groups than folds, so that a fold would be empty.</exception>
    public static GroupedFolds Split(IReadOnlyList<int> groups, int count, long seed)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        int[][] members = [.. Enumerable.Range(0, groups.Count).GroupBy(row => groups[row]).Select(group => group.ToArray())];
        if (members.Length < count)
            throw new ArgumentException($"{groups.Count} rows in {members.Length} groups of near-duplicates cannot fill {count} folds: use fewer folds, "
                + "more rows, or groups of closer duplicates.", nameof(groups));

        new SeededRandom(Seed.Derive(seed, "folds")).Shuffle<int[]>(members);
        var sizes = new int[count];
        var folds = new int[groups.Count];
        foreach (var rows in members.OrderByDescending(rows => rows.Length))
        {
            var smallest = Array.IndexOf(sizes, sizes.Min());
            sizes[smallest] += rows.Length;
            foreach (var row in rows)
                folds[row] = smallest;
        }
        return new GroupedFolds(folds, count);
    }

    /// <summary>
    /// Demands that each fold's model has hard and easy rows to train on. A fold itself may lack one of them: predictions are scored over all folds
    /// together.
    /// </summary>
    /// <param name="labels">Whether each row is hard.</param>
    /// <param name="name">Whose labels these are, for the error.</param>
    /// <exception cref="ArgumentException">All rows outside a fold have the same label.</exception>
    public void DemandBothLabels(IReadOnlyList<bool> labels, string name)
    {
        for (var fold = 0; fold < Count; fold++)
        {
            var hard = 0;
            var rows = 0;
            for (var row = 0; row < _folds.Length; row++)
                if (_folds[row] != fold)
                {
                    rows++;
                    hard += labels[row] ? 1 : 0;
                }
            if (hard == 0 || hard == rows)
                throw new ArgumentException(
                    $"Without fold {fold + 1} of {Count}, {rows} of {_folds.Length} rows are left to train on, "
                    + $"and none of them is {(hard == 0 ? "hard" : "easy")} for {name}, "
                    + "so no model can tell the two apart: use more folds, more rows, or groups of closer duplicates.");
        }
    }

    /// <summary>Rows outside a fold, in ascending order: those that its model is trained on.</summary>
    /// <param name="fold">The fold, from 0.</param>
    public int[] Training(int fold) => [.. Enumerable.Range(0, _folds.Length).Where(row => _folds[row] != fold)];

    /// <summary>Rows of a fold, in ascending order: those that its model never sees.</summary>
    /// <param name="fold">The fold, from 0.</param>
    public int[] HeldOut(int fold) => [.. Enumerable.Range(0, _folds.Length).Where(row => _folds[row] == fold)];
}
