namespace Unlearn.Transforms.Rows;

/// <summary>Positions of rows in batches: every row once in a seeded order, then again in another, without end.</summary>
/// <param name="positions">Positions of the rows.</param>
/// <param name="batchSize">Rows of a batch, from 1; the last of a pass may have fewer, or one more: see <see cref="BatchCuts"/>.</param>
/// <param name="seed">Seed of the order.</param>
/// <param name="keepsLoneRow">Whether a lone last row of a pass is a batch by itself.</param>
internal sealed class RowOrder(IReadOnlyList<int> positions, int batchSize, long seed, bool keepsLoneRow = false) : IRowOrder
{
    private readonly BatchCuts _cuts = new(positions.Count, batchSize, keepsLoneRow);
    private readonly BatchOrder _passes = new(seed, positions.Count);
    private readonly int[] _pass = new int[positions.Count];
    private int _next;

    /// <summary>Batches of one pass.</summary>
    public int Count => _cuts.Count;

    /// <summary>Rows of the largest batch.</summary>
    public int Largest => _cuts.Largest;

    /// <summary>Positions of the next batch.</summary>
    public int[] Next()
    {
        if (_next == 0)
            StartPass();
        var (start, length) = _cuts[_next];
        _next = (_next + 1) % Count;
        return _pass[start..(start + length)];
    }

    private void StartPass()
    {
        var order = _passes.NextEpoch();
        for (var i = 0; i < order.Length; i++)
            _pass[i] = positions[order[i]];
    }
}
