using Unlearn.MLNet.GroundTruth;

namespace Unlearn.MLNet;

/// <summary>Whether what groups tell of a row holds where it is forgotten alone: of some rows, from both kinds of trials, and how a hardness model that learned from groups does on them.</summary>
public sealed record SingleRowResult
{
    /// <summary>Scores of the rows from both kinds of trials, and their rank correlation.</summary>
    public required GroupCheck Check { get; init; }

    /// <summary>AUC, on these rows, of the model that learned from the labels of groups, each row out of its fold, against the labels of single rows.</summary>
    public required AucEstimate Auc { get; init; }

    /// <summary>AUC of the same predictions against the labels of groups, of the same rows.</summary>
    public required AucEstimate GroupAuc { get; init; }

    /// <summary>AUC of one half of the single-row trials' score against the label of the other half, both ways averaged.</summary>
    public required double Ceiling { get; init; }

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
        return new()
        {
            Check = check,
            Auc = RankStatistics.AucWithInterval(predictions, HardnessScores.Label(check.SingleRowScores, hardShare)),
            GroupAuc = RankStatistics.AucWithInterval(predictions, HardnessScores.Label(check.GroupScores, hardShare)),
            Ceiling = GroundTruth.Ceiling.Of(new() { Unlearner = check.Unlearner, All = check.SingleRowScores, Halves = check.SingleRowHalves }, hardShare),
        };
    }
}
