using System.Runtime.InteropServices;
using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.MLNetModels.Trees;

/// <summary>
/// The trees of one classifier as flat arrays. Trees are grouped by the score that they add to; within a score they are in the order of fitting.
/// Nodes and leaves are numbered over all trees. A child c ≥ 0 is node c; a child c &lt; 0 is leaf ~c (bitwise complement).
/// </summary>
internal sealed class TreeEnsemble
{
    /// <summary>
    /// Whether the trees were boosted: each tree was fitted to the loss gradients after the trees before it. Otherwise each was fitted to the labels.
    /// </summary>
    public required bool IsBoosted { get; init; }

    /// <summary>How scores become probabilities.</summary>
    public required TreeLink Link { get; init; }

    /// <summary>Initial value of each score, before its first tree.</summary>
    public required float[] Starts { get; init; }

    /// <summary>The score that each tree adds to.</summary>
    public required int[] Scores { get; init; }

    /// <summary>First node of each tree.</summary>
    public required int[] Roots { get; init; }

    /// <summary>Left child of each node: for a feature value up to the threshold, or for a row in none of the node's categories.</summary>
    public required int[] Left { get; init; }

    /// <summary>Right child of each node.</summary>
    public required int[] Right { get; init; }

    /// <summary>Feature of each node.</summary>
    public required int[] Features { get; init; }

    /// <summary>Threshold of each node.</summary>
    public required float[] Thresholds { get; init; }

    /// <summary>
    /// Index in <see cref="Categories"/> where the categories of each node begin; a last entry gives the end. A node without categories uses its
    /// threshold.
    /// </summary>
    public required int[] CategoryStarts { get; init; }

    /// <summary>Category features of all nodes. A row goes right at a node if one of the node's category features is above 0.</summary>
    public required int[] Categories { get; init; }

    /// <summary>Value that each leaf adds to the score of its tree.</summary>
    public required float[] LeafValues { get; init; }

    public int TreeCount => Roots.Length;

    public int LeafCount => LeafValues.Length;

    public int ClassCount => Link == TreeLink.LogOdds ? 2 : Starts.Length;

    /// <summary>The class that each tree raises the score of.</summary>
    public int[] Classes => field ??= Link == TreeLink.LogOdds ? Array.ConvertAll(Scores, _ => 1) : Scores;

    /// <summary>For each tree, the number of earlier trees that add to the same score.</summary>
    public int[] Rounds => field ??= [.. Scores.Select((score, tree) => tree - Array.IndexOf(Scores, score))];

    /// <summary>The tree of each leaf. A tree has one more leaf than nodes.</summary>
    public int[] TreeOfLeaf => field ??=
    [
        .. Enumerable.Range(0, TreeCount).SelectMany(tree => Enumerable.Repeat(tree, (tree + 1 < TreeCount ? Roots[tree + 1] : Left.Length) - Roots[tree] + 1)),
    ];

    /// <summary>
    /// What keeps these arrays from being trees, in words; <see langword="null"/> if they are trees: each has its own nodes and leaves, in their order, and
    /// every one of them is reached from the root in one way.
    /// </summary>
    /// <param name="featureCount">Number of features of a row.</param>
    public string? FindFlaw(int featureCount)
    {
        var nodes = Left.Length;
        if (!Enum.IsDefined(Link) || TreeCount == 0 || Roots[0] != 0 || (Link == TreeLink.LogOdds ? Starts.Length != 1 : Starts.Length < 2))
            return "there are no trees for the scores";
        if (Scores.Length != TreeCount || Right.Length != nodes || Features.Length != nodes || Thresholds.Length != nodes || CategoryStarts.Length != nodes + 1
            || LeafCount != nodes + TreeCount)
            return "the arrays have different lengths";
        if (Scores[0] < 0 || Scores[^1] >= Starts.Length || !IsAscending(Scores))
            return "the scores of the trees do not go together";
        if (CategoryStarts[0] != 0 || CategoryStarts[^1] != Categories.Length || !IsAscending(CategoryStarts))
            return "the categories of the nodes do not go together";
        if (featureCount < 1 || Array.Exists(Categories, IsNoFeature))
            return "a category is none of the features";
        for (var node = 0; node < nodes; node++)
            if (CategoryStarts[node] == CategoryStarts[node + 1] && IsNoFeature(Features[node]))
                return Invariant($"node {node} looks at feature {Features[node]}, which there is not");
        var reached = new bool[nodes + LeafCount];
        for (var tree = 0; tree < TreeCount; tree++)
        {
            var (first, end) = (Roots[tree], tree + 1 < TreeCount ? Roots[tree + 1] : nodes);
            if (first >= end || end > nodes)
                return Invariant($"tree {tree} has no nodes of its own");
            var open = new Stack<int>([first]);
            while (open.TryPop(out var at))
            {
                var (low, high, place) = at >= 0 ? (first, end, at) : (first + tree, end + tree + 1, ~at);
                if (place < low || place >= high || reached[at >= 0 ? place : nodes + place])
                    return Invariant($"tree {tree} leads to what is not below it");
                reached[at >= 0 ? place : nodes + place] = true;
                if (at < 0)
                    continue;
                open.Push(Left[at]);
                open.Push(Right[at]);
            }
        }
        return Array.TrueForAll(reached, isReached => isReached) ? null : "some nodes belong to no tree";

        bool IsNoFeature(int feature) => feature < 0 || feature >= featureCount;

        static bool IsAscending(int[] values) => Enumerable.Range(1, values.Length - 1).All(i => values[i - 1] <= values[i]);
    }

    /// <summary>The leaf that each row reaches in each tree: rows × trees, <c>int64</c>, numbered over all trees.</summary>
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
    /// <param name="leaves">Leaves of the rows, as in <see cref="Leaves"/>.</param>
    public torch.Tensor Logits(torch.Tensor leaves)
    {
        var starts = torch.tensor(Starts, torch.float64).expand(leaves.shape[0], Starts.Length);
        var scores = starts.IndexAdd(1, torch.tensor(Scores).to(torch.int64), Values(leaves));
        return Link switch
        {
            TreeLink.LogOdds => torch.cat([torch.zeros_like(scores), scores], 1),
            TreeLink.OneVersusAll => torch.nn.functional.logsigmoid(scores),
            _ => scores,
        };
    }

    /// <summary>For each row and tree, the probability of the tree's class from the earlier trees alone: rows × trees, <c>float64</c>.</summary>
    /// <param name="leaves">Leaves of the rows.</param>
    /// <param name="hiddenStarts">For each score, the part of its initial value that is stored in the leaves of its first tree.</param>
    public torch.Tensor ProbabilitiesBefore(torch.Tensor leaves, torch.Tensor hiddenStarts)
    {
        var rounds = Rounds;
        var count = rounds.Max() + 1;
        var places = torch.tensor(Scores.Zip(rounds, (score, round) => (long)score * count + round).ToArray());
        var values = torch.zeros([leaves.shape[0], Starts.Length * count], torch.float64).index_copy(1, places, Values(leaves)).view(
            leaves.shape[0], Starts.Length, count);
        var before = (values.cumsum(2) - values).Add(torch.tensor(Starts, torch.float64).unsqueeze(1));
        before.select(2, 0).AddInPlace(hiddenStarts);
        return (Link == TreeLink.Softmax ? before.softmax(1) : before.sigmoid()).flatten(1).index_select(1, places);
    }

    /// <summary>Value that each row's leaf in each tree adds to the score: rows × trees, <c>float64</c>.</summary>
    /// <param name="leaves">Leaves of the rows.</param>
    public torch.Tensor Values(torch.Tensor leaves) => torch.tensor(LeafValues, torch.float64).index_select(0, leaves.flatten()).view_as(leaves);

    /// <summary>Value that a row's leaf in a tree adds to the score.</summary>
    public float LeafValue(int tree, ReadOnlySpan<float> row) => LeafValues[Leaf(tree, row)];

    /// <summary>Whether a tree looks at any of some features.</summary>
    public bool LooksAtAny(int tree, int[] features)
    {
        for (var node = Roots[tree]; node < (tree + 1 < TreeCount ? Roots[tree + 1] : Left.Length); node++)
            if (CategoryStarts[node] == CategoryStarts[node + 1]
                ? features.Contains(Features[node])
                : Categories.AsSpan(CategoryStarts[node]..CategoryStarts[node + 1]).ContainsAny(features))
                return true;
        return false;
    }

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
