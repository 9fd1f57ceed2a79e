using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>Rows in batches, in a seeded order.</summary>
/// <param name="order">The order.</param>
/// <param name="read">Makes a batch of positions.</param>
internal sealed class RowBatches(RowOrder order, Func<int[], RowBatch> read)
{
    /// <summary>Batches of one pass.</summary>
    public int Count => order.Count;

    /// <summary>The next batch.</summary>
    public RowBatch Next() => read(order.Next());
}
