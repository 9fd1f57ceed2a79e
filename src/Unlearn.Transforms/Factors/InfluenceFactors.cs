using TorchSharp;
using Unlearn.Transforms.PerSample;
using Unlearn.Transforms.Targets;

namespace Unlearn.Transforms.Factors;

/// <summary>Factors of what the target would be without the row, by curvature.</summary>
internal static class InfluenceFactors
{
    /// <summary>Influence functions with EK-FAC curvature: Grosse et al., arXiv 2308.03296.</summary>
    public static readonly IHardnessFactor SelfInfluence = new Factor(nameof(SelfInfluence), FactorTier.T1,
        "gᵀ(H + λI)⁻¹g with g = ∇_θ ℓ, H the EK-FAC Fisher matrix, λ = 0.1 of the layer's mean eigenvalue; in [0, ∞)", Compute)
    {
        Requires = TargetCapabilities.ParameterGradients,
        Statistic = EkfacCurvature.Instance,
    };

    private static torch.Tensor Compute(FactorBatch batch)
    {
        var state = batch.State(EkfacCurvature.Instance);
        return batch.LossGradients.Select(layer => Layer(layer, state)).Aggregate((sum, next) => sum + next);
    }

    private static torch.Tensor Layer(LayerGradient layer, IReadOnlyDictionary<string, torch.Tensor> state)
    {
        var device = layer.Inputs.device;
        var rotated = layer.Rotate(state[EkfacCurvature.InputBasis(layer.Name)].to(device), state[EkfacCurvature.OutputBasis(layer.Name)].to(device));
        return rotated.WeightedSquaredNorms(state[EkfacCurvature.InverseEigenvalues(layer.Name)].to(device));
    }
}
