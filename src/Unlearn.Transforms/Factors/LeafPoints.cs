using TorchSharp;

namespace Unlearn.Transforms.Factors;

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
        torch.zeros(leaves.shape[0], dimensions).scatter_(1, leaves, torch.full(leaves.shape, 1 / Math.Sqrt(leaves.shape[1]), dtype: torch.float32));
}
