namespace Unlearn.Transforms.Rows;

/// <summary>Positions of rows in batches: every row once in a seeded order, then again in another, without end.</summary>
/// <param name="positions">Positions of the rows.</param>
/// <param name="batchSize">Rows of a batch, from 1; the last of a pass may have fewer.</param>
/// <param name="seed">Seed of the order.</param>
internal sealed class RowOrder(IReadOnlyList<int> positions, int batchSize, long seed)
{
    private readonly BatchOrder _passes = new(seed, positions.Count);
    private readonly int[] _pass = new int[positions.Count];
    private int _next;

    /// <summary>Batches of one pass.</summary>
    public int Count => (positions.Count + batchSize - 1) / batchSize;

    /// <summary>Positions of the next batch.</summary>
    public int[] Next()
    {
        if (_next == 0)
            StartPass();
        var start = _next * batchSize;
        _next = (_next + 1) % Count;
        return _pass[start..Math.Min(start + batchSize, _pass.Length)];
    }

    private void StartPass()
    {
        var order = _passes.NextEpoch();
        for (var i = 0; i < order.Length; i++)
            _pass[i] = positions[order[i]];
    }
}
