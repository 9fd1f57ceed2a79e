using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Neighborhood;

/// <summary>Distances from rows to the centroids of the classes, where a row that is a training row is left out of its own class.</summary>
internal static class ClassCentroids
{
    private const double Epsilon = 1e-6;

    // The mean of points that cancel out is rounding noise.
    private const double ShortestCentroid = 1e-6;

    /// <summary>1 − cos(φ, c_y); 1 where class y has no other row, or only rows that cancel out.</summary>
    public static torch.Tensor OwnDistances(FactorBatch batch)
    {
        var (distances, hasRows) = batch.Shared(Distances);
        var own = batch.Labels.unsqueeze(1);
        return distances.where(hasRows, 1).gather(1, own).squeeze(1);
    }

    /// <summary>Own distance over the distance to the nearest other class that has rows; that is 1 where none has.</summary>
    public static torch.Tensor Entanglement(FactorBatch batch)
    {
        var (distances, hasRows) = batch.Shared(Distances);
        var others = distances.where(hasRows, float.PositiveInfinity).Fill(batch.Labels.unsqueeze(1), double.PositiveInfinity).amin([1]);
        others = others.where(others.isfinite(), 1);
        return OwnDistances(batch).Add(Epsilon) / others.Add(Epsilon);
    }

    // Rows × classes: 1 − cos(φ, c_k), and whether the class has rows besides the row itself.
    private static (torch.Tensor Distances, torch.Tensor HasRows) Distances(FactorBatch batch)
    {
        var state = batch.State(NeighborIndex.Instance);
        var queries = batch.Shared(NeighborIndex.Queries);
        var sums = state[NeighborIndex.ClassSums];
        var classCounts = state[NeighborIndex.Labels].bincount(null, minlength: sums.shape[0]);
        var counts = classCounts.unsqueeze(0).repeat(batch.Count, 1);
        var cosines = queries.matmul(Centroids(sums, classCounts).t());

        var own = batch.Shared(NeighborIndex.OwnPositions);
        var known = own.Ge(0).nonzero().flatten();
        own = own.index_select(0, known);
        var ownClasses = state[NeighborIndex.Labels].index_select(0, own);
        var without = Centroids(sums.index_select(0, ownClasses) - NeighborIndex.Points(state, own), classCounts.index_select(0, ownClasses).Sub(1));
        cosines.index_put_((queries.index_select(0, known) * without).sum(dim: 1), known, ownClasses);
        counts.index_put_(counts[known, ownClasses].Sub(1), known, ownClasses);
        return (cosines.neg().Add(1).ClampMin(0), counts.Gt(0));
    }

    // Of unit length, or zero.
    private static torch.Tensor Centroids(torch.Tensor sums, torch.Tensor counts)
    {
        var means = sums / counts.ClampMin(1).unsqueeze(1);
        var lengths = means.norm(dim: 1, keepdim: true);
        return (means / lengths).where(lengths.Gt(ShortestCentroid), 0);
    }
}
