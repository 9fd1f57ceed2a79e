using Unlearn.Transforms.Numerics;
namespace Unlearn.Transforms.Factors.Stein;

/// <summary>
/// Factors of the target's score s = [∇_x log p_y; p] at d = [x; onehot(y)]. arXiv 2410.03043 proposes the kernelised Stein discrepancy as a factor of
/// unlearning difficulty; its formulas are not available to us, and those here are our own.
/// </summary>
internal static class SteinFactors
{
    private const string Family = "Stein discrepancy";
    private const string Paper = "kernelised Stein discrepancy: Liu, Lee and Jordan, arXiv 1602.03253; its use: arXiv 2410.03043; this form is our own";

    public static readonly IHardnessFactor SteinScoreNorm = new Factor(nameof(SteinScoreNorm), FactorTier.T1,
        "‖s‖₂ with s = [∇_x log p_y; p], in (0, ∞)",
        batch => batch.LossInputGradients.Square().sum(dim: 1).Add(batch.LogProbabilities.exp().Square().sum(dim: 1)).sqrt())
    {
        Requires = TargetCapabilities.InputGradients,
        Cost = "1 forward, 1 backward",
        Source = Paper,
        Family = Family,
    };

    public static readonly IHardnessFactor SteinMarginal = new Factor(nameof(SteinMarginal), FactorTier.T1,
        "(1/n) Σ_b κ(a,b) over the training rows b, less what is the same for all rows: (1/n) Σ_b (s_a·s_b)(d_a·d_b) + s_a·d_a, with s = [∇_x log p_y; p], "
        + "d = [x; onehot(y)]; any real number",
        batch => SteinMoments.Instance.Marginals(batch))
    {
        Requires = TargetCapabilities.InputGradients,
        Statistic = SteinMoments.Instance,
        Cost = "1 forward, 1 backward, (features + classes)² multiplications; fit: the same",
        Source = Paper,
        Family = Family,
    };
}
