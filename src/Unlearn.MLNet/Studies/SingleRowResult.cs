using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet;

/// <summary>
/// Whether a row's hardness is the same when it is forgotten alone as when it is forgotten in a group. It compares scores of some rows from both kinds of trials.
/// It also tells how well a hardness model trained on group labels predicts which of these rows are hard alone.
/// </summary>
public sealed record SingleRowResult
{
    /// <summary>Scores of the rows from both kinds of trials, and their rank correlation.</summary>
    public required GroupCheck Check { get; init; }

    /// <summary>AUC of the hardness model on these rows, against labels from single-row trials. The model learned from group labels, and its predictions are out of fold.</summary>
    public required AucEstimate Auc { get; init; }

    /// <summary>AUC of the same predictions on the same rows, against labels from group trials.</summary>
    public required AucEstimate GroupAuc { get; init; }

    /// <summary>Oracle ceiling of the labels from single-row trials, in [0.5, 1]; see <see cref="HardnessEvaluation.Ceiling"/>.</summary>
    public required double Ceiling { get; init; }

    /// <summary>
    /// Estimate of the rank correlation between group and single-row scores without noise: <see cref="GroupCheck.SpearmanAcrossHalves"/> / √(GroupReliability · SingleRowReliability).
    /// All three terms come from halves of the trials. The estimate may exceed 1. It is NaN if a reliability is 0 or below.
    /// </summary>
    public double SpearmanWithoutNoise => Check is { GroupReliability: > 0, SingleRowReliability: > 0 }
        ? Check.SpearmanAcrossHalves / Math.Sqrt(Check.GroupReliability * Check.SingleRowReliability)
        : double.NaN;

    /// <summary>Evaluates the hardness model's predictions on the checked rows.</summary>
    /// <param name="check">Scores of the checked rows.</param>
    /// <param name="rowIds">Ids of all rows, in the order of the evaluation.</param>
    /// <param name="evaluation">Evaluation of the hardness model that learned from group labels.</param>
    /// <param name="hardShare">Share of the checked rows that count as hard.</param>
    internal static SingleRowResult Of(GroupCheck check, IReadOnlyList<string> rowIds, HardnessEvaluation evaluation, double hardShare)
    {
        var positions = rowIds.Index().ToDictionary(row => row.Item, row => row.Index, StringComparer.Ordinal);
        double[] predictions = [.. check.RowIds.Select(id => evaluation.Predictions[positions[id]])];
        return new()
        {
            Check = check,
            Auc = RankStatistics.AucWithInterval(predictions, HardnessScores.Label(check.SingleRowScores, hardShare)),
            GroupAuc = RankStatistics.AucWithInterval(predictions, HardnessScores.Label(check.GroupScores, hardShare)),
            Ceiling = GroundTruth.Ceiling.Oracle(new() { Unlearner = check.Unlearner, All = check.SingleRowScores, Halves = check.SingleRowHalves }, hardShare),
        };
    }
}
