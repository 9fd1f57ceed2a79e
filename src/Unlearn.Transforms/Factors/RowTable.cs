using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.Factors;

/// <summary>Values that are known of the training rows only, as columns that are looked up by the rows' keys.</summary>
/// <param name="name">Name of the statistic.</param>
/// <param name="columns">Names of the columns.</param>
/// <param name="rows">Ids of the rows, and the columns' values in the same order.</param>
internal sealed class RowTable(
    string name, IReadOnlyList<string> columns, Func<FactorTraining, (IReadOnlyList<string> Ids, IReadOnlyDictionary<string, float[]> Columns)> rows)
    : ICheckedStatistic
{
    private const string Keys = "keys";

    public string Name => name;

    public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training)
    {
        var (ids, values) = rows(training);
        long[] keys = [.. ids.Select(RowKey.OfId)];
        int[] order = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(keys, order);
        var state = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal) { [Keys] = torch.tensor(keys) };
        foreach (var column in columns)
            state[column] = torch.tensor(Array.ConvertAll(order, row => values[column][row]));
        return state;
    }

    public void Check(SavedState state, FactorBatch probe)
    {
        var rows = state.Sorted(Keys, SavedState.Any).shape[0];
        foreach (var column in columns)
            state.Values(column, rows);
    }

    /// <summary>The values of a column for a batch; NaN for rows that are not in the table.</summary>
    public torch.Tensor Column(FactorBatch batch, string column)
    {
        var state = batch.State(this);
        var keys = state[Keys];
        var found = torch.searchsorted(keys, batch.RowKeys).ClampMax(keys.shape[0] - 1);
        return state[column].index_select(0, found).where(keys.index_select(0, found).eq(batch.RowKeys), float.NaN);
    }
}
