using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>
/// How far hardness can be predicted in spite of the noise in its labels. The two halves of the trials share nothing, not even the retrain pool, so
/// their agreement tells how much of a score is noise. On the normal scale of <see cref="BinormalAuc"/>, A, the halves correlate by r =
/// A⁻¹(reliability), so the score of all trials has the reliability R = 2r / (1 + r) (Spearman and Brown 1910) and correlates by √R with the score
/// without noise.
/// </summary>
internal static class Ceiling
{
    private const int Replicates = 40;

    /// <summary>AUC of one half's score against the label of the other half, both ways averaged.</summary>
    /// <exception cref="ArgumentException">The share leaves no hard row or no easy one.</exception>
    public static double Reliability(HardnessScores scores, double hardShare) => Reliability(scores.Halves, hardShare);

    /// <summary>
    /// The oracle ceiling A(√R): the AUC that the score without noise, which no trial shows, would have against the label of all trials. 0.5 where
    /// the halves do not agree better than chance.
    /// </summary>
    /// <exception cref="ArgumentException">The share leaves no hard row or no easy one.</exception>
    public static double Oracle(HardnessScores scores, double hardShare)
    {
        var normal = Normal(scores.All.Count, hardShare);
        return Oracle(normal, normal.Inverse(Reliability(scores, hardShare)));
    }

    /// <summary>
    /// The oracle ceiling with its 95 % interval, which comes from a bootstrap over trials: the standard deviation of atanh r. The ends are NaN for
    /// scores that were not made from trials.
    /// </summary>
    /// <exception cref="ArgumentException">The share leaves no hard row or no easy one.</exception>
    public static AucEstimate OracleWithInterval(HardnessScores scores, double hardShare)
    {
        var normal = Normal(scores.All.Count, hardShare);
        var r = normal.Inverse(Reliability(scores, hardShare));
        var value = Oracle(normal, r);
        if (scores.Resample is not { } resample || Math.Abs(r) >= 1)
            return new() { Value = value, Low = double.NaN, High = double.NaN };
        var replicates = new double[Replicates];
        for (var i = 0; i < Replicates; i++)
            replicates[i] = Math.Atanh(Math.Clamp(normal.Inverse(Reliability(resample(i), hardShare)), -0.9999, 0.9999));
        var mean = replicates.Average();
        var margin = RankStatistics.Z * Math.Sqrt(replicates.Sum(z => (z - mean) * (z - mean)) / (Replicates - 1));
        return new() { Value = value, Low = Oracle(normal, Math.Tanh(Math.Atanh(r) - margin)), High = Oracle(normal, Math.Tanh(Math.Atanh(r) + margin)) };
    }

    /// <summary>
    /// The AUC that a prediction would have against labels without noise: A(A⁻¹(AUC) / √R), at most 1; NaN where the halves do not agree better than
    /// chance.
    /// </summary>
    /// <param name="auc">AUC against the label of all trials.</param>
    /// <param name="scores">The scores that the label was made of.</param>
    /// <param name="hardShare">Share of rows that count as hard.</param>
    public static double WithoutNoise(double auc, HardnessScores scores, double hardShare)
    {
        var normal = Normal(scores.All.Count, hardShare);
        var r = normal.Inverse(Reliability(scores, hardShare));
        return r > 0 ? normal.At(Math.Clamp(normal.Inverse(auc) / Math.Sqrt(2 * r / (1 + r)), -1, 1)) : double.NaN;
    }

    private static double Oracle(BinormalAuc normal, double r) => r > 0 ? normal.At(Math.Sqrt(2 * r / (1 + r))) : 0.5;

    private static BinormalAuc Normal(int rows, double hardShare) => BinormalAuc.Of(HardnessScores.CountHard(rows, hardShare) / (double)rows);

    private static double Reliability(IReadOnlyList<IReadOnlyList<double>> halves, double hardShare) =>
        (RankStatistics.Auc(halves[0], HardnessScores.Label(halves[1], hardShare)) + RankStatistics.Auc(halves[1], HardnessScores.Label(halves[0], hardShare)))
            / 2;
}
