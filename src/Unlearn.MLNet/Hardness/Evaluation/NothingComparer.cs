using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet.Hardness.Evaluation;

/// <summary>Compares scores across the halves of their trials: with one another, and with doing nothing.</summary>
internal static class NothingComparer
{
    /// <summary>Compares an unlearner with doing nothing; <see langword="null"/> where that has no score.</summary>
    public static NothingComparison? Of(HardnessScores scores, double hardShare) => scores.Nothing is not { } nothing ? null : new()
    {
        Auc = (Auc(nothing, 0, scores, hardShare) + Auc(nothing, 1, scores, hardShare)) / 2,
        OwnAuc = Ceiling.Reliability(scores, hardShare),
        Spearman = SpearmanAcrossHalves(nothing, scores),
        OwnSpearman = SpearmanAcrossHalves(scores, scores),
    };

    /// <summary>
    /// Spearman correlation of the first's score in one half with the second's in the other, both ways averaged: the halves share no trial and no
    /// retrained model.
    /// </summary>
    public static double SpearmanAcrossHalves(HardnessScores first, HardnessScores second) =>
        (RankStatistics.Spearman(first.Halves[0], second.Halves[1]) + RankStatistics.Spearman(first.Halves[1], second.Halves[0])) / 2;

    private static double Auc(HardnessScores nothing, int half, HardnessScores scores, double hardShare) =>
        RankStatistics.Auc(nothing.Halves[half], HardnessScores.Label(scores.Halves[1 - half], hardShare));
}
