namespace Unlearn.Benchmarks.Signal;

/// <summary>What retrained models share with the target, besides the rows that they keep.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SharesSeed">Whether they have the target's seed: its initialization and, as far as the order allows, its batches.</param>
/// <param name="Create">Makes the order of a training's rows from all rows' keys, the positions to train on, the batch size and the seed.</param>
internal sealed record SignalScheme(string Name, bool SharesSeed, Func<long[], int[], int, long, Transforms.Rows.IRowOrder> Create)
{
    /// <summary>Whether the order is the usual one; the target was trained in the same order.</summary>
    public bool IsShuffled => Name.StartsWith("shuffled", StringComparison.Ordinal);

    /// <summary>The schemes, the usual one first.</summary>
    public static SignalScheme[] All { get; } =
    [
        new("shuffled, own seeds", false, (_, positions, batchSize, seed) => new Transforms.Rows.RowOrder(positions, batchSize, seed)),
        new("shuffled, target's seed", true, (_, positions, batchSize, seed) => new Transforms.Rows.RowOrder(positions, batchSize, seed)),
        new("keyed, own seeds", false, (keys, positions, batchSize, seed) => new KeyedOrder(keys, positions, batchSize, seed, keepsBatches: false)),
        new("keyed, target's seed", true, (keys, positions, batchSize, seed) => new KeyedOrder(keys, positions, batchSize, seed, keepsBatches: false)),
        new("struck, target's seed", true, (keys, positions, batchSize, seed) => new KeyedOrder(keys, positions, batchSize, seed, keepsBatches: true)),
    ];
}
