using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Neighborhood;

/// <summary>The nearest training rows of some rows.</summary>
/// <param name="Similarities">Cosine with each neighbor, rows × neighbors; −∞ where there are fewer.</param>
/// <param name="NeighborLabels">Labels of the neighbors, rows × neighbors.</param>
/// <param name="NearDuplicates">Number of training rows that are nearly the same.</param>
internal sealed record NeighborSearch(torch.Tensor Similarities, torch.Tensor NeighborLabels, torch.Tensor NearDuplicates)
{
    /// <summary>Number k of nearest neighbors.</summary>
    public const int Neighbors = 20;

    /// <summary>Smallest cosine similarity of two near-duplicate rows.</summary>
    public const double NearDuplicateSimilarity = 0.99;

    /// <summary>Compares rows with all training rows, one block after the other, and keeps the nearest.</summary>
    /// <param name="queries">The rows as points, or as leaves.</param>
    /// <param name="state">State of <see cref="NeighborIndex"/>.</param>
    /// <param name="ownPositions">Position of the training row to leave out for each row; −1 for none.</param>
    /// <param name="blockSize">Number of training rows in a block of similarities in memory, from 1.</param>
    public static NeighborSearch Run(torch.Tensor queries, IReadOnlyDictionary<string, torch.Tensor> state, torch.Tensor ownPositions, long blockSize = 8192)
    {
        using var scope = torch.NewDisposeScope();
        var (count, labels) = (NeighborIndex.Count(state), state[NeighborIndex.Labels]);
        var rows = queries.shape[0];
        var nearest = torch.zeros([rows, 0]);
        var positions = torch.zeros([rows, 0], torch.ScalarType.Int64);
        var nearDuplicates = torch.zeros([rows]);
        for (var start = 0L; start < count; start += blockSize)
        {
            using var blockScope = torch.NewDisposeScope();
            var size = Math.Min(blockSize, count - start);
            var similarities = NeighborIndex.Similarities(state, queries, start, size);
            var own = ownPositions.Sub(start);
            var leavesOut = own.Ge(0).logical_and(own.Lt(size)).nonzero().flatten();
            similarities.IndexPutInPlace(float.NegativeInfinity, leavesOut, own.index_select(0, leavesOut));

            var (ofBlock, at) = similarities.topk((int)Math.Min(Neighbors, size), 1);
            var candidates = torch.cat([nearest, ofBlock], 1);
            var (kept, which) = candidates.topk((int)Math.Min(Neighbors, candidates.shape[1]), 1);
            positions = torch.cat([positions, at.Add(start)], 1).gather(1, which).MoveToOuterDisposeScope();
            nearest = kept.MoveToOuterDisposeScope();
            nearDuplicates.AddInPlace(similarities.GeInPlace(NearDuplicateSimilarity).sum(dim: 1));
        }
        return new(nearest.MoveToOuterDisposeScope(), labels.index_select(0, positions.flatten()).view_as(positions).MoveToOuterDisposeScope(),
            nearDuplicates.MoveToOuterDisposeScope());
    }

    /// <summary>Mean distance to the neighbors; 0 where there are none.</summary>
    public torch.Tensor MeanDistances() => Mean(Similarities.neg().Add(1).ClampMin(0));

    /// <summary>Share of the neighbors with another label; 0 where there are none.</summary>
    public torch.Tensor Disagreement(torch.Tensor ownLabels) => Mean(NeighborLabels.ne(ownLabels.unsqueeze(1)).to(torch.float32));

    private torch.Tensor Mean(torch.Tensor values)
    {
        var isThere = Similarities.isfinite();
        return values.where(isThere, 0).sum(dim: 1) / isThere.sum(dim: 1).ClampMin(1);
    }
}
