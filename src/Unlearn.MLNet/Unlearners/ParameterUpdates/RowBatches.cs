namespace Unlearn.MLNet.Unlearners.ParameterUpdates;

/// <summary>Rows in batches: every row once in a seeded order, then again in another, without end.</summary>
/// <param name="positions">Positions of the rows.</param>
/// <param name="batchSize">Rows of a batch, from 1; the last of a pass may have fewer.</param>
/// <param name="seed">Seed of the order.</param>
/// <param name="read">Makes a batch of positions.</param>
internal sealed class RowBatches(IReadOnlyList<int> positions, int batchSize, long seed, Func<int[], RowBatch> read)
{
    private readonly Random _shuffle = new((int)(seed & int.MaxValue));
    private readonly int[] _order = [.. Enumerable.Range(0, positions.Count)];
    private int _next;

    /// <summary>Batches of one pass.</summary>
    public int Count => (positions.Count + batchSize - 1) / batchSize;

    public RowBatch Next()
    {
        if (_next == 0)
            _shuffle.Shuffle(_order);
        var batch = _order.Skip(_next * batchSize).Take(batchSize).Select(row => positions[row]).ToArray();
        _next = (_next + 1) % Count;
        return read(batch);
    }
}
