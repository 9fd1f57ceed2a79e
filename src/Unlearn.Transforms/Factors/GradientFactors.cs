using TorchSharp;
using Unlearn.Transforms.PerSample;
using Unlearn.Transforms.Targets;

namespace Unlearn.Transforms.Factors;

/// <summary>Factors of the row's gradient with respect to the parameters.</summary>
internal static class GradientFactors
{
    /// <summary>GraNd: Paul, Ganguli and Dziugaite, arXiv 2107.07075.</summary>
    public static readonly IHardnessFactor GradientNorm = new Factor(nameof(GradientNorm), FactorTier.T1, "‖∇_θ ℓ‖₂ over all parameters, in [0, ∞)", Norm)
    {
        Requires = TargetCapabilities.ParameterGradients,
    };

    // Layers without a sampler make the whole norm go row by row: slow, and exact.
    private static torch.Tensor Norm(FactorBatch batch) => batch.PerSample!.Unsupported is null
        ? batch.LossGradients.Select(layer => layer.SquaredNorms()).Aggregate((sum, next) => sum + next).sqrt()
        : RowByRowGradients.Norms((TorchTarget)batch.Target, batch.Features, batch.Labels);
}
