using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms;

/// <summary>What targets share that see nothing of a model but its scores.</summary>
public static class ScoreConversion
{
    // Only a probability of exactly 0 becomes this.
    private const float SmallestProbability = 1e-30f;

    // Half of the distance from 1 to the next smaller float: what is left of a probability that was rounded to 1.
    private const float SmallestComplement = 1f / (1 << 25);

    /// <summary>By how much probabilities may miss a sum of 1, or leave [0, 1] upwards.</summary>
    internal const double Tolerance = 1e-3;

    /// <summary>
    /// Logits, or log-probabilities, which are logits too: rows × classes. A probability of exactly 0 counts as 10⁻³⁰; what a binary model's rounded
    /// probability of 1 leaves for the other class counts as 2⁻²⁵. NaN stays NaN.
    /// </summary>
    /// <param name="scores">Rows × classes; a single column is of the second of two classes.</param>
    /// <param name="kind">What the scores are.</param>
    /// <returns>It belongs to the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">The scores are no matrix.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The scores are said to be probabilities, but lie outside [0, 1].</exception>
    public static torch.Tensor ToLogits(torch.Tensor scores, ScoreKind kind)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.dim() != 2)
            throw new ArgumentException($"Scores are rows × classes, got the shape [{string.Join(" × ", scores.shape)}].", nameof(scores));
        using var scope = torch.NewDisposeScope();
        var isBinary = scores.shape[1] == 1;
        if (kind == ScoreKind.Logits)
            return (isBinary ? torch.cat([torch.zeros_like(scores), scores], 1) : scores.alias()).MoveToOuterDisposeScope();
        if (scores.Lt(0).logical_or(scores.Gt(1 + Tolerance)).any().item<bool>())
            throw new ArgumentOutOfRangeException(nameof(scores), "Scores that were taken for probabilities lie outside [0, 1].");
        var ofClasses = scores.ClampMin(SmallestProbability).log();
        return (isBinary ? torch.cat([scores.neg().Add(1).ClampMin(SmallestComplement).log(), ofClasses], 1) : ofClasses).MoveToOuterDisposeScope();
    }

    /// <summary>Whether scores could be probabilities: all are in [0, 1], and scores of several classes sum to 1.</summary>
    /// <param name="scores">Rows × classes, of at least one row.</param>
    public static bool CouldBeProbabilities(torch.Tensor scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        using var scope = torch.NewDisposeScope();
        return AreBetween0And1(scores) && (scores.shape[1] == 1 || scores.sum(1).Sub(1).abs().max().item<float>() < Tolerance);
    }

    private static bool AreBetween0And1(torch.Tensor scores) => scores.min().item<float>() >= 0 && scores.max().item<float>() <= 1 + Tolerance;
}
