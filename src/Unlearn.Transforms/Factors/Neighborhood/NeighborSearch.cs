using System.Numerics;
using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Neighborhood;

/// <summary>The nearest training rows of some rows, the nearest first; of equally near ones the first training rows.</summary>
/// <param name="Similarities">Cosine with each neighbor, rows × neighbors; −∞ where there are fewer.</param>
/// <param name="NeighborLabels">Labels of the neighbors, rows × neighbors.</param>
/// <param name="NearDuplicates">Number of training rows that are nearly the same.</param>
internal sealed record NeighborSearch(torch.Tensor Similarities, torch.Tensor NeighborLabels, torch.Tensor NearDuplicates)
{
    /// <summary>Number k of nearest neighbors.</summary>
    public const int Neighbors = 20;

    /// <summary>Smallest cosine similarity of two near-duplicate rows.</summary>
    public const float NearDuplicateSimilarity = 0.99f;

    /// <summary>Compares rows with all training rows, one block after the other, and keeps the nearest.</summary>
    /// <param name="queries">The rows as points, or as leaves.</param>
    /// <param name="state">State of <see cref="NeighborIndex"/>.</param>
    /// <param name="ownPositions">Position of the training row to leave out for each row; −1 for none.</param>
    /// <param name="blockSize">Number of training rows in a block of similarities in memory, from 1.</param>
    public static NeighborSearch Run(torch.Tensor queries, IReadOnlyDictionary<string, torch.Tensor> state, torch.Tensor ownPositions, long blockSize = 8192)
    {
        using var scope = torch.NewDisposeScope();
        var (count, labels) = (NeighborIndex.Count(state), state[NeighborIndex.Labels]);
        var own = ownPositions.data<long>().ToArray();
        var neighbors = (int)Math.Min(Neighbors, count);
        var nearest = new float[own.Length * neighbors];
        var positions = new long[own.Length * neighbors];
        var nearDuplicates = new float[own.Length];
        Array.Fill(nearest, float.NegativeInfinity);
        for (var start = 0L; start < count; start += blockSize)
        {
            using var blockScope = torch.NewDisposeScope();
            var size = (int)Math.Min(blockSize, count - start);
            var similarities = FloatSpan.Of(NeighborIndex.Similarities(state, queries, start, size));
            for (var row = 0; row < own.Length; row++)
            {
                var ofRow = similarities.Slice(row * size, size);
                if (own[row] >= start && own[row] < start + size)
                    ofRow[(int)(own[row] - start)] = float.NegativeInfinity;
                var kept = row * neighbors;
                nearDuplicates[row] += Keep(ofRow, start, nearest.AsSpan(kept, neighbors), positions.AsSpan(kept, neighbors));
            }
        }
        var found = torch.tensor(positions);
        return new(torch.tensor(nearest, [own.Length, neighbors]).MoveToOuterDisposeScope(),
            labels.index_select(0, found).reshape(own.Length, neighbors).MoveToOuterDisposeScope(),
            torch.tensor(nearDuplicates).MoveToOuterDisposeScope());
    }

    /// <summary>Mean distance to the neighbors; 0 where there are none.</summary>
    public torch.Tensor MeanDistances() => Mean(Similarities.neg().Add(1).ClampMin(0));

    /// <summary>Share of the neighbors with another label; 0 where there are none.</summary>
    public torch.Tensor Disagreement(torch.Tensor ownLabels) => Mean(NeighborLabels.ne(ownLabels.unsqueeze(1)).to(torch.float32));

    // Few similarities are above the least kept one, so most are passed over, several at once.
    private static int Keep(ReadOnlySpan<float> similarities, long start, Span<float> nearest, Span<long> positions)
    {
        var nearDuplicates = Vector<int>.Zero;
        var near = new Vector<float>(NearDuplicateSimilarity);
        var least = new Vector<float>(nearest[^1]);
        var i = 0;
        for (; i <= similarities.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var some = new Vector<float>(similarities[i..]);
            nearDuplicates -= Vector.GreaterThanOrEqual(some, near);
            if (!Vector.GreaterThanAny(some, least))
                continue;
            for (var j = i; j < i + Vector<float>.Count; j++)
                Insert(similarities[j], start + j, nearest, positions);
            least = new(nearest[^1]);
        }
        var count = Vector.Sum(nearDuplicates);
        for (; i < similarities.Length; i++)
        {
            count += similarities[i] >= NearDuplicateSimilarity ? 1 : 0;
            Insert(similarities[i], start + i, nearest, positions);
        }
        return count;
    }

    private static void Insert(float similarity, long position, Span<float> nearest, Span<long> positions)
    {
        var place = nearest.Length - 1;
        if (!(similarity > nearest[place]))
            return;
        for (; place > 0 && similarity > nearest[place - 1]; place--)
            (nearest[place], positions[place]) = (nearest[place - 1], positions[place - 1]);
        (nearest[place], positions[place]) = (similarity, position);
    }

    private torch.Tensor Mean(torch.Tensor values)
    {
        var isThere = Similarities.isfinite();
        return values.where(isThere, 0).sum(dim: 1) / isThere.sum(dim: 1).ClampMin(1);
    }
}
