using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>The formulas of the outcomes, for one row in one trial.</summary>
internal static class OutcomeFormulas
{
    /// <summary>
    /// Lower limit for the standard deviation of p_y over retrainings. For a few saturated models, the measured deviation can be about 0 by chance.
    /// </summary>
    public const double DeviationFloor = 0.01;

    /// <summary>|p_y(z; u) − p̄_R(z)|.</summary>
    /// <param name="confidence">p_y(z; u).</param>
    /// <param name="retrained">p̄_R(z).</param>
    public static double RetrainGap(double confidence, double retrained) => Math.Abs(confidence - retrained);

    /// <summary>The retrain gap in standard deviations of retraining.</summary>
    /// <param name="confidence">p_y(z; u).</param>
    /// <param name="retrained">p̄_R(z).</param>
    /// <param name="deviation">σ_R(z).</param>
    public static double StandardizedRetrainGap(double confidence, double retrained, double deviation) =>
        RetrainGap(confidence, retrained) / Math.Max(deviation, DeviationFloor);

    /// <summary>max(0, (ψ(z; u) − μ_R(z)) / σ_R(z)).</summary>
    /// <param name="logitConfidence">ψ(z; u).</param>
    /// <param name="retrained">μ_R(z) and σ_R(z), the latter above 0.</param>
    public static double ResidualMemory(double logitConfidence, (double Mean, double Deviation) retrained) =>
        Math.Max(0, (logitConfidence - retrained.Mean) / retrained.Deviation);

    /// <summary>
    /// (p_y(z; u) − p̄_R(z)) / (p_y(z; 0) − p̄_R(z)); NaN unless the needed displacement exceeds two standard errors of p̄_R, and
    /// <see cref="DeviationFloor"/>.
    /// </summary>
    /// <param name="before">p_y(z; 0).</param>
    /// <param name="after">p_y(z; u).</param>
    /// <param name="retrained">p̄_R(z).</param>
    /// <param name="error">Standard error of p̄_R(z).</param>
    public static double ResidualShare(double before, double after, double retrained, double error) =>
        before - retrained > Math.Max(2 * error, DeviationFloor) ? (after - retrained) / (before - retrained) : double.NaN;

    /// <summary>Accuracy of the best test that tells draws of two normal distributions apart, both equally likely: (1 + ½ ∫ |N₁ − N₂|) / 2.</summary>
    /// <param name="first">Mean and standard deviation, above 0, of the first.</param>
    /// <param name="second">Mean and standard deviation, above 0, of the second.</param>
    /// <returns>From 0.5, not better than guessing, to 1.</returns>
    public static double AttackAccuracy((double Mean, double Deviation) first, (double Mean, double Deviation) second)
    {
        // The densities cross where a x² + b x + c = 0; between two crossings, the same one is higher.
        var (u, v) = (1 / (first.Deviation * first.Deviation), 1 / (second.Deviation * second.Deviation));
        var a = u - v;
        var b = 2 * (second.Mean * v - first.Mean * u);
        var c = first.Mean * first.Mean * u - second.Mean * second.Mean * v + 2 * Math.Log(first.Deviation / second.Deviation);
        double[] crossings;
        if (Math.Abs(a) < 1e-9 * (u + v))
            crossings = b == 0 ? [] : [(first.Mean + second.Mean) / 2];
        else
        {
            var root = Math.Sqrt(Math.Max(0, b * b - 4 * a * c));
            crossings = [.. new[] { (-b - root) / (2 * a), (-b + root) / (2 * a) }.Order()];
        }
        var (difference, below, last) = (0.0, 0.0, 0.0);
        foreach (var crossing in crossings)
        {
            below = Below(first, crossing) - Below(second, crossing);
            difference += Math.Abs(below - last);
            last = below;
        }
        return 0.5 + (difference + Math.Abs(last)) / 4;

        static double Below((double Mean, double Deviation) of, double x) => BinormalAuc.Cumulative((x - of.Mean) / of.Deviation);
    }

    /// <summary>The first step with p_y(z; u_t) ≤ p̄_R(z) + σ_R(z).</summary>
    /// <param name="outcome">What the trial measured for the row.</param>
    /// <param name="steps">The trial's steps.</param>
    /// <param name="row">Position of the row in the trial.</param>
    /// <param name="retrained">p̄_R(z).</param>
    /// <param name="deviation">σ_R(z).</param>
    /// <returns>
    /// The step, or 0 if no step was needed. If no measured step qualifies, the number of all steps; it is censored if the final model does not
    /// qualify either.
    /// </returns>
    public static (int Steps, bool IsCensored) StepsToForget(RowOutcome outcome, StepTrace steps, int row, double retrained, double deviation)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var threshold = retrained + Math.Max(deviation, DeviationFloor);
        if (outcome.ConfidenceBefore <= threshold)
            return (0, false);
        return steps.FirstAtMost(row, threshold) is { } first ? (first, false) : (steps.Count, outcome.ConfidenceAfter > threshold);
    }

    /// <summary>Harmonic mean of forget success (1 − retrain gap) and of the two accuracy ratios.</summary>
    /// <param name="retrainGap">The retrain gap.</param>
    /// <param name="retainedRatio">Ratio of the accuracies on the retained rows, u to 0; more than 1 counts as 1.</param>
    /// <param name="testRatio">Ratio of the accuracies on the test rows, u to 0; more than 1 counts as 1.</param>
    /// <returns>The mean, in [0, 1]; 0 where a part is 0.</returns>
    public static double HarmonicScore(double retrainGap, double retainedRatio, double testRatio)
    {
        double[] parts = [1 - retrainGap, Math.Min(1, retainedRatio), Math.Min(1, testRatio)];
        return Array.Exists(parts, part => part <= 0) ? 0 : parts.Length / parts.Sum(part => 1 / part);
    }

    /// <summary>
    /// Probability of membership N(ψ; in) / (N(ψ; in) + N(ψ; out)): the likelihood ratio of LiRA as a probability. Members and non-members are
    /// equally likely a priori.
    /// </summary>
    /// <param name="logitConfidence">ψ = log(p_y / (1 − p_y)) under the judged model.</param>
    /// <param name="inside">Mean and standard deviation of ψ over models that were trained on the row.</param>
    /// <param name="outside">Mean and standard deviation of ψ over models that were not trained on the row.</param>
    public static double MemberProbability(double logitConfidence, (double Mean, double Deviation) inside, (double Mean, double Deviation) outside)
    {
        return 1 / (1 + Math.Exp(LogDensity(outside) - LogDensity(inside)));

        double LogDensity((double Mean, double Deviation) normal)
        {
            var z = (logitConfidence - normal.Mean) / normal.Deviation;
            return -z * z / 2 - Math.Log(normal.Deviation);
        }
    }
}
