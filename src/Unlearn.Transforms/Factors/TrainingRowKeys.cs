using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.Factors;

/// <summary>Keys and labels of the training rows, as entries of a statistic's state that tell which training row a row is.</summary>
/// <param name="rowCount">Number of training rows.</param>
internal sealed class TrainingRowKeys(long rowCount)
{
    /// <summary>Entry of the training rows' labels.</summary>
    public const string Labels = "labels";

    // Entries of the keys in ascending order, and of the position of the row that each belongs to; of equal keys, the lowest label comes first.
    private const string Sorted = "sorted-keys";
    private const string Positions = "positions";

    private readonly torch.Tensor _labels = torch.zeros([rowCount], torch.ScalarType.Int64);
    private readonly long[] _keys = new long[rowCount];

    /// <summary>Training rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>Adds the next training rows.</summary>
    public void Add(FactorBatch batch)
    {
        _labels.narrow(0, Count, batch.Count).copy_(batch.Labels);
        batch.RowKeys.data<long>().CopyTo(_keys, (int)Count);
        Count += batch.Count;
    }

    /// <summary>The entries.</summary>
    public Dictionary<string, torch.Tensor> Entries()
    {
        var labelValues = _labels.data<long>().ToArray();
        int[] positions = [.. Enumerable.Range(0, _keys.Length).OrderBy(row => _keys[row]).ThenBy(row => labelValues[row])];
        return new(StringComparer.Ordinal)
        {
            [Labels] = _labels,
            [Sorted] = torch.tensor(positions.Select(row => _keys[row]).ToArray()),
            [Positions] = torch.tensor(positions.Select(row => (long)row).ToArray()),
        };
    }

    /// <summary>Checks the entries of a state that was read from a file.</summary>
    /// <returns>The number of training rows.</returns>
    public static long Check(SavedState state, long classCount)
    {
        var rows = state.Indices(Labels, classCount, SavedState.Any).shape[0];
        state.Sorted(Sorted, rows);
        state.Require(state.Indices(Positions, rows, rows).sort().Values.eq(HeldNumbers.Arange(rows)).all().item<bool>(), Positions, "names a row twice");
        return rows;
    }

    /// <summary>
    /// For each row of a batch the position of the training row that it is, or −1 if it is none. Where rows are known by their features, several
    /// training rows may have its key: the first with its label is taken, else the first.
    /// </summary>
    public static torch.Tensor Find(IReadOnlyDictionary<string, torch.Tensor> state, FactorBatch batch)
    {
        var keys = batch.RowKeys;
        var first = torch.searchsorted(state[Sorted], keys);
        var end = torch.searchsorted(state[Sorted], keys, right: true);
        var count = (end - first).where(keys.Ne(RowKey.Unknown), 0);
        var own = state[Positions].index_select(0, first.ClampMax(state[Positions].shape[0] - 1));
        foreach (var row in count.Gt(1).nonzero().flatten().data<long>())
        {
            var copies = state[Positions].narrow(0, first[row].item<long>(), count[row].item<long>());
            var sameLabel = copies.masked_select(state[Labels].index_select(0, copies).eq(batch.Labels[row]));
            if (sameLabel.shape[0] > 0)
                own[row] = sameLabel[0];
        }
        return own.where(count.Gt(0), -1);
    }
}
