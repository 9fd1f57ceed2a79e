using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>How far the two halves of the trials, which share nothing, not even the retrain pool, agree on which rows are hard.</summary>
internal static class Ceiling
{
    /// <summary>AUC of one half's score against the label of the other half, both ways averaged. Scores from all trials are surer than this.</summary>
    /// <exception cref="ArgumentException">The share leaves no hard row or no easy one.</exception>
    public static double Of(HardnessScores scores, double hardShare) =>
        (RankStatistics.Auc(scores.Halves[0], HardnessScores.Label(scores.Halves[1], hardShare)) + RankStatistics.Auc(scores.Halves[1], HardnessScores.Label(scores.Halves[0], hardShare))) / 2;
}
