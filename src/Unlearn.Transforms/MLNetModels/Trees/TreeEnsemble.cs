using System.Runtime.InteropServices;
using TorchSharp;

namespace Unlearn.Transforms.MLNetModels.Trees;

/// <summary>
/// The trees of one classifier as flat arrays, those of one score after those of another, and those of a score in the order in which they were fitted. A child from 0 is a node, a negative one is the complement of a leaf; nodes and leaves are numbered over all trees.
/// </summary>
internal sealed class TreeEnsemble
{
    /// <summary>Whether each tree was fitted to the gradients that the trees before it left, and not to the labels.</summary>
    public required bool IsBoosted { get; init; }

    /// <summary>How scores become probabilities.</summary>
    public required TreeLink Link { get; init; }

    /// <summary>Each score before its first tree.</summary>
    public required float[] Starts { get; init; }

    /// <summary>The score that each tree adds to.</summary>
    public required int[] Scores { get; init; }

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

    /// <summary>What each leaf adds to the score of its tree.</summary>
    public required float[] LeafValues { get; init; }

    public int TreeCount => Roots.Length;

    public int LeafCount => LeafValues.Length;

    public int ClassCount => Link == TreeLink.LogOdds ? 2 : Starts.Length;

    /// <summary>The class that each tree speaks for.</summary>
    public int[] Classes => field ??= Link == TreeLink.LogOdds ? Array.ConvertAll(Scores, _ => 1) : Scores;

    /// <summary>Number of the trees before each that add to the same score.</summary>
    public int[] Rounds => field ??= [.. Scores.Select((score, tree) => tree - Array.IndexOf(Scores, score))];

    /// <summary>The tree of each leaf. A tree has one leaf more than it has nodes.</summary>
    public int[] TreeOfLeaf => field ??= [.. Enumerable.Range(0, TreeCount).SelectMany(tree => Enumerable.Repeat(tree, (tree + 1 < TreeCount ? Roots[tree + 1] : Left.Length) - Roots[tree] + 1))];

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

    /// <summary>Logits of rows: rows × classes, <c>float64</c>.</summary>
    /// <param name="leaves">Their leaves.</param>
    public torch.Tensor Logits(torch.Tensor leaves)
    {
        var starts = torch.tensor(Starts, torch.float64).expand(leaves.shape[0], Starts.Length);
        var scores = starts.index_add(1, torch.tensor(Scores).to(torch.int64), Values(leaves), 1);
        return Link switch
        {
            TreeLink.LogOdds => torch.cat([torch.zeros_like(scores), scores], 1),
            TreeLink.OneVersusAll => torch.nn.functional.logsigmoid(scores),
            _ => scores,
        };
    }

    /// <summary>The probability of its class that each tree meets in each row, by the trees before it: rows × trees, <c>float64</c>.</summary>
    /// <param name="leaves">Leaves of the rows.</param>
    /// <param name="hiddenStarts">What the leaves of each score's first tree hold of its start: one for each score.</param>
    public torch.Tensor ProbabilitiesBefore(torch.Tensor leaves, torch.Tensor hiddenStarts)
    {
        var rounds = Rounds;
        var count = rounds.Max() + 1;
        var places = torch.tensor(Scores.Zip(rounds, (score, round) => (long)score * count + round).ToArray());
        var values = torch.zeros([leaves.shape[0], Starts.Length * count], torch.float64).index_copy(1, places, Values(leaves)).view(leaves.shape[0], Starts.Length, count);
        var before = values.cumsum(2) - values + torch.tensor(Starts, torch.float64).unsqueeze(1);
        before.select(2, 0).add_(hiddenStarts);
        return (Link == TreeLink.Softmax ? before.softmax(1) : before.sigmoid()).flatten(1).index_select(1, places);
    }

    /// <summary>What each leaf that a row falls into adds to the scores: rows × trees, <c>float64</c>.</summary>
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
