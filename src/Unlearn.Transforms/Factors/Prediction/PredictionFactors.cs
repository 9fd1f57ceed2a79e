using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Prediction;

/// <summary>Factors of one forward pass: how sure the target is of the row.</summary>
internal static class PredictionFactors
{
    private const string Family = "prediction entropy";
    private const string OneForwardPass = "1 forward";

    public static readonly IHardnessFactor Loss = new Factor(nameof(Loss), FactorTier.T0, "−log p_y, in [0, ∞) nats",
        batch => batch.LabelLogProbabilities.neg())
    {
        Cost = OneForwardPass,
        Source = "cross-entropy",
        Family = Family,
    };

    public static readonly IHardnessFactor Confidence = new Factor(nameof(Confidence), FactorTier.T0, "p_y, in [0, 1]",
        batch => batch.LabelLogProbabilities.exp())
    {
        Cost = OneForwardPass,
        Source = "softmax",
        Family = Family,
    };

    public static readonly IHardnessFactor Entropy = new Factor(nameof(Entropy), FactorTier.T0, "−Σ_k p_k log p_k, in [0, log classes] nats",
        batch => (batch.LogProbabilities.exp() * batch.LogProbabilities).sum(dim: 1).neg())
    {
        NeedsLabel = false,
        Cost = OneForwardPass,
        Source = "Shannon 1948",
        Family = Family,
    };

    public static readonly IHardnessFactor LogitMargin =
        new Factor(nameof(LogitMargin), FactorTier.T0, "f_y − max_{k≠y} f_k, any real number, negative when misclassified",
            batch =>
            {
                var index = batch.Labels.unsqueeze(1);
                var others = batch.Logits.Fill(index, double.NegativeInfinity);
                return batch.Logits.gather(1, index).squeeze(1) - others.amax([1]);
            })
        {
            Cost = OneForwardPass,
            Source = "multi-class margin: Crammer and Singer 2001",
            Family = Family,
        };

    public static readonly IHardnessFactor El2N = new Factor("EL2N", FactorTier.T0, "‖p − onehot(y)‖₂, in [0, √2]",
        batch => batch.LossLogitGradients.Square().sum(dim: 1).sqrt())
    {
        Cost = OneForwardPass,
        Source = "Paul, Ganguli and Dziugaite, arXiv 2107.07075",
        Family = Family,
    };
}
