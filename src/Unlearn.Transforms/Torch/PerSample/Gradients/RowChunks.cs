using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>
/// Work on a batch in chunks of rows, small enough that intermediate values stay in the processor's cache. Without chunks, the patches of a
/// convolution over a large batch go to memory and back, and cost several times the arithmetic on them.
/// </summary>
internal static class RowChunks
{
    private const long Values = 1 << 19;

    /// <summary>One value, or one tensor, per row.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="valuesPerRow">Size of the intermediate values of a row.</param>
    /// <param name="compute">Computes some rows, from the number of the first and their count.</param>
    public static torch.Tensor PerRow(long rows, long valuesPerRow, Func<long, long, torch.Tensor> compute)
    {
        var parts = Chunks(rows, valuesPerRow, compute).ToList();
        return parts.Count == 1 ? parts[0] : torch.cat(parts);
    }

    /// <summary>A sum over all rows.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="valuesPerRow">Size of the intermediate values of a row.</param>
    /// <param name="compute">Computes the sum over some rows, from the number of the first and their count.</param>
    public static torch.Tensor Sum(long rows, long valuesPerRow, Func<long, long, torch.Tensor> compute)
    {
        torch.Tensor? sum = null;
        foreach (var part in Chunks(rows, valuesPerRow, compute))
        {
            if (sum is null)
            {
                sum = part;
                continue;
            }
            sum.AddInPlace(part);
            part.Dispose();
        }
        return sum!;
    }

    /// <summary>Anything that keeps its result itself.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="valuesPerRow">Size of the intermediate values of a row.</param>
    /// <param name="visit">Sees some rows: the number of the first and their count.</param>
    public static void ForEach(long rows, long valuesPerRow, Action<long, long> visit)
    {
        var size = Size(valuesPerRow);
        for (long start = 0; start < rows; start += size)
        {
            using var scope = torch.NewDisposeScope();
            visit(start, Math.Min(size, rows - start));
        }
    }

    private static long Size(long valuesPerRow) => Math.Max(1, Values / Math.Max(1, valuesPerRow));

    // At least one chunk, so that no rows give an empty result of the right shape.
    private static IEnumerable<torch.Tensor> Chunks(long rows, long valuesPerRow, Func<long, long, torch.Tensor> compute)
    {
        var size = Size(valuesPerRow);
        for (long start = 0; start == 0 || start < rows; start += size)
        {
            using var scope = torch.NewDisposeScope();
            yield return compute(start, Math.Min(size, rows - start)).MoveToOuterDisposeScope();
        }
    }
}
