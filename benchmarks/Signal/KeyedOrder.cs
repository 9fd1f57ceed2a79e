using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.Benchmarks.Signal;

/// <summary>
/// Where a row stands in an epoch is decided by a hash of seed, epoch and the row's key. So the rows that stay keep their order when others are left out.
/// </summary>
internal sealed class KeyedOrder : IRowOrder
{
    private readonly long _seed;
    private readonly long[] _keys;
    private readonly bool[] _trains;
    private readonly int[] _sorted;
    private readonly ulong[] _hashes;
    private readonly BatchCuts _cuts;
    private readonly Queue<int[]> _batches = new();
    private int _epoch;

    /// <param name="keys">Keys of all rows.</param>
    /// <param name="positions">Positions of the rows to train on.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <param name="keepsBatches">
    /// Whether batches are those of all rows, with the rows that do not train struck out; else the rows that train are cut into full batches.
    /// </param>
    public KeyedOrder(long[] keys, int[] positions, int batchSize, long seed, bool keepsBatches)
    {
        (_seed, _keys) = (seed, keys);
        _trains = new bool[keys.Length];
        foreach (var position in positions)
            _trains[position] = true;
        _sorted = keepsBatches ? [.. Enumerable.Range(0, keys.Length)] : [.. positions.Order()];
        _hashes = new ulong[_sorted.Length];
        _cuts = new BatchCuts(_sorted.Length, batchSize);
    }

    public int Count => _cuts.Count;

    public int Largest => _cuts.Largest;

    public int[] Next()
    {
        if (_batches.Count == 0)
            StartEpoch();
        return _batches.Dequeue() is { Length: > 0 } batch
            ? batch
            : throw new InvalidOperationException("All rows of a batch were left out: take larger batches or a smaller share.");
    }

    private void StartEpoch()
    {
        var salt = (ulong)Seed.Derive(_seed, "keyed order", _epoch++);
        Array.Sort(_sorted);
        for (var i = 0; i < _sorted.Length; i++)
            _hashes[i] = Mixed((ulong)_keys[_sorted[i]] ^ salt);
        Array.Sort(_hashes, _sorted);
        for (var i = 0; i < _cuts.Count; i++)
        {
            var (start, length) = _cuts[i];
            _batches.Enqueue([.. _sorted.AsSpan(start, length).ToArray().Where(position => _trains[position])]);
        }
    }

    // SplitMix64's finalizer (Steele, Lea and Flood 2014).
    private static ulong Mixed(ulong value)
    {
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }
}
