using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet.Studies;

/// <summary>How well a hardness model that learned from group labels predicts which rows are hard alone.</summary>
internal static class SingleRowEvaluation
{
    /// <summary>Evaluates the hardness model's predictions on the checked rows.</summary>
    /// <param name="check">Scores of the checked rows.</param>
    /// <param name="rowIds">Ids of all rows, in the order of the evaluation.</param>
    /// <param name="evaluation">Evaluation of the hardness model that learned from group labels.</param>
    /// <param name="hardShare">Share of the checked rows that count as hard.</param>
    public static SingleRowResult Of(SingleRowResult check, IReadOnlyList<string> rowIds, HardnessEvaluation evaluation, double hardShare)
    {
        var positions = rowIds.Index().ToDictionary(row => row.Item, row => row.Index, StringComparer.Ordinal);
        double[] predictions = [.. check.RowIds.Select(id => evaluation.Predictions[positions[id]])];
        return check with
        {
            Auc = RankStatistics.AucWithInterval(predictions, HardnessScores.Label(check.SingleRowScores, hardShare)),
            GroupAuc = RankStatistics.AucWithInterval(predictions, HardnessScores.Label(check.GroupScores, hardShare)),
            Ceiling = Ceiling.Oracle(new() { Unlearner = check.Unlearner, All = check.SingleRowScores, Halves = check.SingleRowHalves }, hardShare),
        };
    }
}
