using Unlearn.MLNet;
using Unlearn.MLNet.Statistics;

namespace Unlearn.Benchmarks.Signal;

/// <summary>What a scheme's displacements are worth.</summary>
/// <param name="Scheme">Name of the scheme.</param>
/// <param name="Share">Share of the rows that each model left out.</param>
/// <param name="Seconds">Processor time of the trainings, in seconds.</param>
/// <param name="TestAccuracy">Median test accuracy of the retrained models.</param>
/// <param name="Halves">Displacement of each row, from each half of the models.</param>
internal sealed record SignalFigures(string Scheme, double Share, double Seconds, double TestAccuracy, double[][] Halves)
{
    private const double HardShare = 0.2;

    /// <summary>AUC of one half's displacement for the other half's hardest fifth, both ways averaged.</summary>
    public double Reliability { get; } =
        (RankStatistics.Auc(Halves[0], HardnessScores.Label(Halves[1], HardShare)) + RankStatistics.Auc(Halves[1], HardnessScores.Label(Halves[0], HardShare)))
            / 2;

    /// <summary>Displacement of each row, from all models.</summary>
    public double[] All { get; } = [.. Halves[0].Zip(Halves[1], (a, b) => (a + b) / 2)];

    /// <summary>
    /// The oracle ceiling, had the models taken some processor time: r_k = kr / (1 + (k − 1)r) for k times the models (Spearman and Brown 1910).
    /// </summary>
    /// <param name="seconds">Processor time, in seconds.</param>
    public double OracleAt(double seconds)
    {
        var normal = BinormalAuc.Of(HardShare);
        var r = normal.Inverse(Reliability);
        var k = 2 * seconds / Seconds;
        return r > 0 ? normal.At(Math.Sqrt(k * r / (1 + (k - 1) * r))) : 0.5;
    }

    /// <summary>AUC of displacements that many other models measured, for the hardest fifth by these: what the oracle ceiling estimates.</summary>
    public double MeasuredCeiling(SignalFigures others) => RankStatistics.Auc(others.All, HardnessScores.Label(All, HardShare));

    /// <summary>Rank correlation with another scheme's displacements, corrected for the noise of both (Spearman 1904); above 1 by chance alone.</summary>
    public double CorrelationWith(SignalFigures other) => RankStatistics.Spearman(All, other.All) / Math.Sqrt(RankReliability * other.RankReliability);

    private double RankReliability => RankStatistics.Spearman(Halves[0], Halves[1]) is var r ? 2 * r / (1 + r) : 0;
}
