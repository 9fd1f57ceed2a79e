namespace Unlearn.Transforms.Rows;

/// <summary>The order in which a training meets its rows: newly shuffled for every epoch, from the training's seed.</summary>
internal sealed class BatchOrder(long seed, int rows)
{
    private readonly SeededRandom _random = new(Seed.Derive(seed, "order"));
    private readonly int[] _order = [.. Enumerable.Range(0, rows)];

    /// <summary>Shuffles, and gives the order of the next epoch; it is valid until the next call.</summary>
    public ReadOnlySpan<int> NextEpoch()
    {
        _random.Shuffle<int>(_order);
        return _order;
    }
}
