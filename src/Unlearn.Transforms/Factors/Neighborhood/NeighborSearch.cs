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
        var nearest = new NearestKept(own.Length, count);
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
                nearest.Add(row, ofRow, start);
            }
        }
        return nearest.Result(labels);
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
