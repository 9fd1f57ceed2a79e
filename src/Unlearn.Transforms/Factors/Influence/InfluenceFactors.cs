using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Influence;

/// <summary>Factors of what the target would be without the row, by curvature.</summary>
internal static class InfluenceFactors
{
    private const string Family = "influence";

    public static readonly IHardnessFactor Leverage = new Factor(nameof(Leverage), FactorTier.T1,
        "gᵀ(H + λI)⁻¹g with g = ∇ℓ of the output layer alone, H its exact Gauss-Newton matrix up to 6,000 parameters and the blocks of one class each beyond, "
        + "λ = 0.1 of the mean eigenvalue; in [0, ∞)",
        batch => LastLayerCurvature.Instance.Leverages(batch, batch.LossLogitGradients))
    {
        Requires = TargetCapabilities.LinearOutput,
        Statistic = LastLayerCurvature.Instance,
        Cost = "1 forward, (classes × (dimensions of φ + 1))² multiplications; fit: the same, and one Cholesky factorisation",
        Source = "Koh and Liang, arXiv 1703.04730; Gauss-Newton matrix: Schraudolph 2002; restricted to the output layer",
        Family = Family,
    };

    public static readonly IHardnessFactor SelfInfluence = new Factor(nameof(SelfInfluence), FactorTier.T1,
        "gᵀ(H + λI)⁻¹g with g = ∇_θ ℓ, H the EK-FAC Fisher matrix, λ = 0.1 of the layer's mean eigenvalue; in [0, ∞)", Compute)
    {
        Requires = TargetCapabilities.ParameterGradients,
        Statistic = EkfacCurvature.Instance,
        Cost = "1 forward, 1 backward, 2 rotations of each layer's gradient; fit: 2 of each",
        Source = "Grosse et al., arXiv 2308.03296; EK-FAC: George et al., arXiv 1806.03884",
        Family = Family,
    };

    public static readonly IHardnessFactor LeafInfluence = new Factor(nameof(LeafInfluence), FactorTier.T1,
        "by how much the scores move against y when the value of every leaf that the row falls into is refitted without it: "
        + "Σ over trees of −(2y − 1) η (g + θh) / (H − h + λ) with y whether the row is of the tree's class, η the learning rate, θ = −G / (H + λ), "
        + "G and H the leaf's sums of g = p − y and h = p(1 − p) before the tree (g = 1 − 2y and h = 1 in a forest), λ = 0.001; any real number",
        LeafSums.Instance.SelfInfluences)
    {
        Family = Family,
        Requires = TargetCapabilities.LeafValues,
        NeedsRowId = true,
        Statistic = LeafSums.Instance,
        Cost = "1 forward, a look-up for each tree; fit: the same, up to 4 times",
        Source = "LeafInfluence and its single-point form: Sharchilev et al., arXiv 1802.06640; compared: Brophy, Hammoudeh and Lowd, arXiv 2205.00359; "
            + "the removal in closed form is ours",
    };

    private static torch.Tensor Compute(FactorBatch batch)
    {
        var state = batch.State(EkfacCurvature.Instance);
        return batch.LossGradients
            .Select(
                layer => layer.WeightedSquaredNorms(state[EkfacCurvature.InverseEigenvalues(layer.Name)].to(layer.Device), EkfacCurvature.Basis(layer, state)))
            .Sum().cpu();
    }
}
