using System.Numerics;
using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Neighborhood;

/// <summary>
/// The nearest training rows of some rows, the nearest first; of equally near ones the first training rows. Cosines count as equal in steps of 2⁻¹⁶: whether a
/// row is asked for alone or among others moves their last bits, and must not choose among equals.
/// </summary>
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
        var ranks = new int[own.Length * neighbors];
        var positions = new long[own.Length * neighbors];
        var nearDuplicates = new float[own.Length];
        Array.Fill(nearest, float.NegativeInfinity);
        Array.Fill(ranks, int.MinValue);
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
                nearDuplicates[row] += Keep(
                    ofRow, start, new(nearest.AsSpan(kept, neighbors), ranks.AsSpan(kept, neighbors), positions.AsSpan(kept, neighbors)));
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
    private static int Keep(ReadOnlySpan<float> similarities, long start, Kept kept)
    {
        var nearDuplicates = Vector<int>.Zero;
        var near = new Vector<float>(NearDuplicateSimilarity);
        var least = new Vector<float>(kept.Least);
        var i = 0;
        for (; i <= similarities.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var some = new Vector<float>(similarities[i..]);
            nearDuplicates -= Vector.GreaterThanOrEqual(some, near);
            if (!Vector.GreaterThanAny(some, least))
                continue;
            for (var j = i; j < i + Vector<float>.Count; j++)
                kept.Insert(similarities[j], start + j);
            least = new(kept.Least);
        }
        var count = Vector.Sum(nearDuplicates);
        for (; i < similarities.Length; i++)
        {
            count += similarities[i] >= NearDuplicateSimilarity ? 1 : 0;
            kept.Insert(similarities[i], start + i);
        }
        return count;
    }

    private readonly ref struct Kept(Span<float> nearest, Span<int> ranks, Span<long> positions)
    {
        private const float Steps = 1 << 16;

        private readonly Span<float> _nearest = nearest;
        private readonly Span<int> _ranks = ranks;
        private readonly Span<long> _positions = positions;

        /// <summary>What a similarity must be above to be kept, a little less to be sure.</summary>
        public float Least => (_ranks[^1] + 0.49f) / Steps;

        public void Insert(float similarity, long position)
        {
            var place = _ranks.Length - 1;
            var rank = float.IsFinite(similarity) ? (int)MathF.Round(similarity * Steps) : int.MinValue;
            if (rank <= _ranks[place])
                return;
            for (; place > 0 && rank > _ranks[place - 1]; place--)
                (_nearest[place], _ranks[place], _positions[place]) = (_nearest[place - 1], _ranks[place - 1], _positions[place - 1]);
            (_nearest[place], _ranks[place], _positions[place]) = (similarity, rank, position);
        }
    }

    private torch.Tensor Mean(torch.Tensor values)
    {
        var isThere = Similarities.isfinite();
        return values.where(isThere, 0).sum(dim: 1) / isThere.sum(dim: 1).ClampMin(1);
    }
}
