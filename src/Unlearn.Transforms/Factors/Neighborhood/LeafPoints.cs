using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Neighborhood;

/// <summary>
/// The points of rows that trees send to leaves, kept as the leaves' numbers: one number a tree and row in place of a mostly empty vector over all leaves.
/// The cosine of two rows is the share of the trees in which they fall into the same leaf.
/// </summary>
internal static class LeafPoints
{
    /// <summary>Leaves as points on the unit sphere.</summary>
    /// <param name="leaves">Rows × trees.</param>
    /// <param name="dimensions">Dimensions of a point.</param>
    public static torch.Tensor Expand(torch.Tensor leaves, long dimensions) =>
        torch.zeros(leaves.shape[0], dimensions).scatter_(1, leaves, HeldNumbers.Full(leaves.shape, 1 / Math.Sqrt(leaves.shape[1]), dtype: torch.float32));

    /// <summary>Cosines of rows with points: rows × points. Counting equal leaves is much less work than a product of mostly empty matrices.</summary>
    /// <param name="rows">Leaves of the rows.</param>
    /// <param name="points">Leaves of the points.</param>
    public static torch.Tensor Similarities(torch.Tensor rows, torch.Tensor points)
    {
        using var scope = torch.NewDisposeScope();
        var (count, trees) = ((int)points.shape[0], (int)points.shape[1]);
        var common = torch.zeros([rows.shape[0], count], torch.ScalarType.Int32);
        var byTree = points.t().to(torch.ScalarType.Int32).contiguous();
        var leaves = rows.contiguous();
        var ofPoints = MemoryMarshal.Cast<byte, int>(byTree.bytes);
        var ofRows = MemoryMarshal.Cast<byte, long>(leaves.bytes);
        var counts = MemoryMarshal.Cast<byte, int>(common.bytes);
        for (var row = 0; row < rows.shape[0]; row++)
            for (var tree = 0; tree < trees; tree++)
                AddEqual(ofPoints.Slice(tree * count, count), (int)ofRows[row * trees + tree], counts.Slice(row * count, count));
        return common.to(torch.float32).DivInPlace(trees).MoveToOuterDisposeScope();
    }

    private static void AddEqual(ReadOnlySpan<int> leaves, int leaf, Span<int> counts)
    {
        var sought = new Vector<int>(leaf);
        var i = 0;
        for (; i <= leaves.Length - Vector<int>.Count; i += Vector<int>.Count)
            (new Vector<int>(counts[i..]) - Vector.Equals(new Vector<int>(leaves[i..]), sought)).CopyTo(counts[i..]);
        for (; i < leaves.Length; i++)
            counts[i] += leaves[i] == leaf ? 1 : 0;
    }
}
