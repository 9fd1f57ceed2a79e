using Unlearn.MLNet.GroundTruth;

namespace Unlearn.MLNet;

/// <summary>Whether what groups tell of a row holds where it is forgotten alone: of some rows, from both kinds of trials, and how a hardness model that learned from groups does on them.</summary>
/// <param name="Check">The scores and their rank correlation.</param>
/// <param name="Auc">AUC, on these rows, of the model that learned from the labels of groups, each row out of its fold, against the labels of single rows.</param>
/// <param name="GroupAuc">The same predictions against the labels of groups, of the same rows.</param>
/// <param name="Ceiling">AUC of one half of the single-row trials' score against the label of the other half, both ways averaged.</param>
public sealed record SingleRowResult(GroupCheck Check, AucEstimate Auc, AucEstimate GroupAuc, double Ceiling)
{
    /// <summary>
    /// The rank correlation that it would be without the noise of either kind of trials: <see cref="GroupCheck.SpearmanAcrossHalves"/> / √(GroupReliability · SingleRowReliability), of which
    /// all are of halves. It is an estimate, and may exceed 1; NaN where a reliability is not above 0.
    /// </summary>
    public double SpearmanWithoutNoise => Check is { GroupReliability: > 0, SingleRowReliability: > 0 }
        ? Check.SpearmanAcrossHalves / Math.Sqrt(Check.GroupReliability * Check.SingleRowReliability)
        : double.NaN;

    /// <summary>Scores predictions on the checked rows.</summary>
    /// <param name="check">The scores.</param>
    /// <param name="rowIds">Ids of all rows, in the order of the evaluation.</param>
    /// <param name="evaluation">The hardness model that learned from groups.</param>
    /// <param name="hardShare">Share of the checked rows that count as hard.</param>
    internal static SingleRowResult Of(GroupCheck check, IReadOnlyList<string> rowIds, HardnessEvaluation evaluation, double hardShare)
    {
        var positions = rowIds.Index().ToDictionary(row => row.Item, row => row.Index, StringComparer.Ordinal);
        double[] predictions = [.. check.RowIds.Select(id => evaluation.Predictions[positions[id]])];
        return new(
            check,
            RankStatistics.AucWithInterval(predictions, HardnessScores.Label(check.SingleRowScores, hardShare)),
            RankStatistics.AucWithInterval(predictions, HardnessScores.Label(check.GroupScores, hardShare)),
            GroundTruth.Ceiling.Of(new(check.Unlearner, check.SingleRowScores, check.SingleRowHalves), hardShare));
    }
}
