using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample;

namespace Unlearn.Transforms.Factors.Gradients;

/// <summary>Factors of the row's gradients: with respect to the parameters and to the features.</summary>
internal static class GradientFactors
{
    private const string Family = "gradient sensitivity";

    public static readonly IHardnessFactor GradientNorm = new Factor(nameof(GradientNorm), FactorTier.T1, "‖∇_θ ℓ‖₂ over all parameters, in [0, ∞)", Norm)
    {
        Requires = TargetCapabilities.ParameterGradients,
        Cost = "1 forward, 1 backward",
        Source = "GraNd: Paul, Ganguli and Dziugaite, arXiv 2107.07075",
        Family = Family,
    };

    public static readonly IHardnessFactor InputGradientNorm = new Factor(nameof(InputGradientNorm), FactorTier.T1, "‖∇_x log p_y‖₂, in [0, ∞)",
        batch => batch.LossInputGradients.Square().sum(dim: 1).sqrt())
    {
        Requires = TargetCapabilities.InputGradients,
        Cost = "1 forward, 1 backward",
        Source = "saliency: Simonyan, Vedaldi and Zisserman, arXiv 1312.6034; here of log p_y instead of the score",
        Family = Family,
    };

    public static readonly IHardnessFactor GradientAlignment = new Factor(nameof(GradientAlignment), FactorTier.T1,
        "cos(∇_θ ℓ, ḡ) with ḡ the mean of ∇_θ ℓ over the training rows, the row itself included; in [−1, 1], 0 where a gradient vanishes", Alignment)
    {
        Requires = TargetCapabilities.ParameterGradients,
        Statistic = MeanGradient.Instance,
        Cost = "1 forward, 1 backward; fit: the same",
        Source = "gradient coherence: Chatterjee, arXiv 2002.10657; the cosine with the mean is our definition",
        Family = Family,
    };

    // Below it, the squares of the norm leave the range of float32.
    private const double SmallestNorm = 1e-18;

    // Layers without a sampler make the whole norm go row by row: slow, and exact.
    private static torch.Tensor Norm(FactorBatch batch) => batch.PerSample!.Unsupported.Count == 0
        ? SampledNorm(batch)
        : RowByRowGradients.Norms(((TorchTarget)batch.Target).Network, batch.Features, batch.LossLogitGradients);

    private static torch.Tensor SampledNorm(FactorBatch batch) => batch.SampledSquaredNorms.sqrt();

    private static torch.Tensor Alignment(FactorBatch batch)
    {
        var mean = batch.State(MeanGradient.Instance);
        var norms = batch.Shared(SampledNorm);
        var meanNorm = Math.Sqrt(mean.Values.Sum(layer => layer.Square().sum().item<float>()));
        var products = batch.LossGradients.Select(layer => layer.Dot(mean[layer.Name].to(layer.Device))).Sum();
        var cosines = (products / norms.Mul(meanNorm)).Clamp(-1, 1);
        return cosines.where(norms.Gt(SmallestNorm).logical_and(meanNorm > SmallestNorm), 0);
    }
}
