using Unlearn.Transforms.Targets;

namespace Unlearn.MLNet.Unlearners.ParameterUpdates;

/// <summary>Rows in batches: every row once in a seeded order, then again in another, without end.</summary>
/// <param name="positions">Positions of the rows.</param>
/// <param name="batchSize">Rows of a batch, from 1; the last of a pass may have fewer.</param>
/// <param name="seed">Seed of the order.</param>
/// <param name="read">Makes a batch of positions.</param>
internal sealed class RowBatches(IReadOnlyList<int> positions, int batchSize, long seed, Func<int[], RowBatch> read)
{
    private readonly BatchOrder _passes = new(seed, positions.Count);
    private int[] _order = [];
    private int _next;

    /// <summary>Batches of one pass.</summary>
    public int Count => (positions.Count + batchSize - 1) / batchSize;

    /// <summary>The next batch.</summary>
    public RowBatch Next()
    {
        if (_next == 0)
            _order = [.. _passes.NextEpoch()];
        var rows = _order.AsSpan(_next * batchSize, Math.Min(batchSize, _order.Length - _next * batchSize)).ToArray();
        _next = (_next + 1) % Count;
        return read(Array.ConvertAll(rows, row => positions[row]));
    }
}
