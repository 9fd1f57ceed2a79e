namespace Unlearn.Transforms.Factors.Neighborhood;

/// <summary>Factors of where the row lies among the training rows, by the cosine of embeddings φ. The row itself is left out.</summary>
internal static class NeighborhoodFactors
{
    private const string Family = "neighborhood";
    private const string SearchCost = "1 forward, training rows × dimensions of φ multiplications";
    private const string CentroidCost = "1 forward, classes × dimensions of φ multiplications";

    public static readonly IHardnessFactor NeighborDistance = new Factor(nameof(NeighborDistance), FactorTier.T1,
        "mean of 1 − cos(φ, φ_b) over the 20 nearest training rows b, in [0, 2]",
        batch => batch.Shared(NeighborIndex.Search).MeanDistances())
    {
        NeedsLabel = false,
        NeedsRowId = true,
        Statistic = NeighborIndex.Instance,
        Cost = SearchCost,
        Source = "k-nearest-neighbor distance: Ramaswamy, Rastogi and Shim 2000; on φ as in Sun et al., arXiv 2204.06507",
        Family = Family,
    };

    public static readonly IHardnessFactor NeighborDisagreement = new Factor(nameof(NeighborDisagreement), FactorTier.T1,
        "share of the 20 nearest training rows whose label is not y, in [0, 1]",
        batch => batch.Shared(NeighborIndex.Search).Disagreement(batch.Labels))
    {
        NeedsRowId = true,
        Statistic = NeighborIndex.Instance,
        Cost = SearchCost,
        Source = "k-disagreeing neighbors: Smith, Martinez and Giraud-Carrier 2014",
        Family = Family,
    };

    public static readonly IHardnessFactor NearDuplicates = new Factor(nameof(NearDuplicates), FactorTier.T1,
        "number of training rows b with cos(φ, φ_b) ≥ 0.99, from 0",
        batch => batch.Shared(NeighborIndex.Search).NearDuplicates)
    {
        NeedsLabel = false,
        NeedsRowId = true,
        Statistic = NeighborIndex.Instance,
        Cost = SearchCost,
        Source = "semantic duplicates: Abbas et al., arXiv 2303.09540",
        Family = Family,
    };

    public static readonly IHardnessFactor CentroidDistance = new Factor(nameof(CentroidDistance), FactorTier.T1,
        "1 − cos(φ, c_y) with c_k the mean of φ_b / ‖φ_b‖ over the training rows b of class k; in [0, 2], 1 where class y has no other row or c_y vanishes",
        batch => ClassCentroids.OwnDistances(batch))
    {
        NeedsRowId = true,
        Statistic = NeighborIndex.Instance,
        Cost = CentroidCost,
        Source = "prototypicality: Sorscher et al., arXiv 2206.14486; to the class mean instead of a cluster's",
        Family = Family,
    };

    public static readonly IHardnessFactor Entanglement = new Factor(nameof(Entanglement), FactorTier.T1,
        "(1 − cos(φ, c_y) + ε) / (min_{k≠y} (1 − cos(φ, c_k)) + ε) with ε = 1e-6; in (0, ∞), above 1 where another class is nearer",
        ClassCentroids.Entanglement)
    {
        NeedsRowId = true,
        Statistic = NeighborIndex.Instance,
        Cost = CentroidCost,
        Source = "our definition, per row; of whole forget sets: Zhao et al., arXiv 2406.01257",
        Family = Family,
    };
}
