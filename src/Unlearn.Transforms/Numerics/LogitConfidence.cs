using TorchSharp;

namespace Unlearn.Transforms.Numerics;

/// <summary>log(p_y / (1 − p_y)): how sure a model is of the label, on a scale without ends.</summary>
internal static class LogitConfidence
{
    /// <summary>Models that give probabilities of exactly 0 or 1, as trees do, stay within ± this.</summary>
    public const float Limit = 100;

    /// <summary>log p_y − log Σ_{k≠y} p_k, in which nothing cancels: one per row.</summary>
    public static torch.Tensor Of(torch.Tensor logProbabilities, torch.Tensor labels)
    {
        using var scope = torch.NewDisposeScope();
        var index = labels.unsqueeze(1);
        var own = logProbabilities.gather(1, index);
        var others = logProbabilities.scatter(1, index, own.FullLike(float.NegativeInfinity)).logsumexp(1, keepdim: true);
        return (own - others).Clamp(-Limit, Limit).squeeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>p_y.</summary>
    public static double Probability(double logitConfidence) => 1 / (1 + Math.Exp(-logitConfidence));
}
