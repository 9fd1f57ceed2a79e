using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.Factors;

/// <summary>
/// Out-of-fold factors of the rows that an estimator was fitted on: rows are dealt to folds by their keys, and a row's factors come from statistics
/// that were learned without its fold. The target itself stays the one that was trained on all rows.
/// </summary>
internal sealed class CrossFittedModel
{
    private readonly FactorModel[] _folds;

    private CrossFittedModel(FactorModel[] folds) => _folds = folds;

    /// <param name="folds">Number of folds, from 2.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="fit">Learns the statistics from some rows.</param>
    /// <exception cref="InvalidOperationException">A fold would leave fewer than 2 rows to learn from.</exception>
    public static CrossFittedModel Fit(int folds, FactorTable rows, Func<FactorTable, FactorModel> fit)
    {
        var fold = Folds(folds, rows.Keys());
        return new([.. Enumerable.Range(0, folds).Select(left =>
        {
            int[] others = [.. Enumerable.Range(0, rows.Count).Where(row => fold[row] != left)];
            if (others.Length < 2)
                throw new InvalidOperationException(
                    $"Without fold {left + 1} of {folds} there are {others.Length} rows left to learn factors from: use fewer folds.");
            return fit(rows.Select(others));
        })]);
    }

    /// <inheritdoc cref="FactorModel.Compute"/>
    public void Compute(IReadOnlyList<int> asked, FactorRows rows, float[][] values)
    {
        var width = _folds[0].Target.FeatureCount;
        var fold = Folds(_folds.Length, rows.Keys ?? RowKey.OfFeatures(rows.Features, width));
        foreach (var factor in asked)
            values[factor] = new float[rows.Count];
        foreach (var group in Enumerable.Range(0, rows.Count).GroupBy(row => fold[row]))
        {
            int[] members = [.. group];
            var own = new float[values.Length][];
            _folds[group.Key].Compute(asked, rows.Select(members, width), own);
            foreach (var factor in asked)
                for (var i = 0; i < members.Length; i++)
                    values[factor][members[i]] = own[factor][i];
        }
    }

    /// <inheritdoc cref="FactorModel.DisposeStates"/>
    public void DisposeStates()
    {
        foreach (var fold in _folds)
            fold.DisposeStates();
    }

    private static int[] Folds(int folds, long[] keys) => [.. keys.Select(key => (int)((ulong)key % (ulong)folds))];
}
