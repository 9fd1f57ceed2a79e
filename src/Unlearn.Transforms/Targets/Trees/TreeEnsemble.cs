using System.Runtime.InteropServices;
using TorchSharp;

namespace Unlearn.Transforms.Targets.Trees;

/// <summary>
/// The trees of one binary classifier as flat arrays. A child from 0 is a node, a negative one is the complement of a leaf; nodes and leaves are numbered over all trees.
/// </summary>
internal sealed class TreeEnsemble
{
    /// <summary>Whether each tree was fitted to the gradients that the trees before it left, and not to the labels.</summary>
    public required bool IsBoosted { get; init; }

    /// <summary>Log-odds before the first tree.</summary>
    public required float Start { get; init; }

    /// <summary>First node of each tree.</summary>
    public required int[] Roots { get; init; }

    /// <summary>Child of each node for a feature value up to the threshold, or for none of the categories.</summary>
    public required int[] Left { get; init; }

    /// <summary>The other child of each node.</summary>
    public required int[] Right { get; init; }

    /// <summary>Feature of each node.</summary>
    public required int[] Features { get; init; }

    /// <summary>Threshold of each node.</summary>
    public required float[] Thresholds { get; init; }

    /// <summary>Where the categories of each node begin in <see cref="Categories"/>, and where the last ends: a node without any compares with its threshold.</summary>
    public required int[] CategoryStarts { get; init; }

    /// <summary>Features of which one above 0 leads to the right.</summary>
    public required int[] Categories { get; init; }

    /// <summary>What each leaf adds to the log-odds.</summary>
    public required float[] LeafValues { get; init; }

    public int TreeCount => Roots.Length;

    /// <summary>Leaves of the first tree, which are numbered first.</summary>
    public int FirstTreeLeafCount => TreeCount > 1 ? Roots[1] + 1 : LeafCount;

    public int LeafCount => LeafValues.Length;

    /// <summary>The leaf that each tree sends each row to: rows × trees, <c>int64</c>, numbered over all trees.</summary>
    /// <param name="features">Rows × features, on the CPU.</param>
    public torch.Tensor Leaves(torch.Tensor features)
    {
        using var scope = torch.NewDisposeScope();
        var (rows, width) = (features.shape[0], (int)features.shape[1]);
        var leaves = torch.empty([rows, TreeCount], torch.ScalarType.Int64);
        var values = MemoryMarshal.Cast<byte, float>(features.contiguous().bytes);
        var found = MemoryMarshal.Cast<byte, long>(leaves.bytes);
        for (var tree = 0; tree < TreeCount; tree++)
            for (var row = 0; row < rows; row++)
                found[row * TreeCount + tree] = Leaf(tree, values.Slice(row * width, width));
        return leaves.MoveToOuterDisposeScope();
    }

    /// <summary>Log-odds of rows: one <c>float64</c> each.</summary>
    /// <param name="leaves">Their leaves.</param>
    public torch.Tensor LogOdds(torch.Tensor leaves) => Values(leaves).sum(1) + Start;

    /// <summary>What each leaf that a row falls into adds to its log-odds: rows × trees, <c>float64</c>.</summary>
    /// <param name="leaves">The leaves.</param>
    public torch.Tensor Values(torch.Tensor leaves) => torch.tensor(LeafValues, torch.float64).index_select(0, leaves.flatten()).view_as(leaves);

    private int Leaf(int tree, ReadOnlySpan<float> row)
    {
        var node = Roots[tree];
        while (node >= 0)
        {
            var (start, end) = (CategoryStarts[node], CategoryStarts[node + 1]);
            var goesRight = start == end ? !(row[Features[node]] <= Thresholds[node]) : IsAnyPositive(row, Categories.AsSpan(start, end - start));
            node = goesRight ? Right[node] : Left[node];
        }
        return ~node;
    }

    private static bool IsAnyPositive(ReadOnlySpan<float> row, ReadOnlySpan<int> features)
    {
        foreach (var feature in features)
            if (row[feature] > 0)
                return true;
        return false;
    }
}
