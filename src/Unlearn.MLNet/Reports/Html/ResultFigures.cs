namespace Unlearn.MLNet.Reports.Html;

/// <summary>Figures that follow from an unlearner's result.</summary>
internal static class ResultFigures
{
    /// <summary>Share of the rows that are labeled hard; NaN without rows.</summary>
    public static double HardShare(this UnlearnerResult unlearner) =>
        unlearner.Labels.Count == 0 ? double.NaN : unlearner.Labels.Count(hard => hard) / (double)unlearner.Labels.Count;

    /// <summary>Least score that is labeled hard; NaN when no row is.</summary>
    public static double HardFrom(this UnlearnerResult unlearner) =>
        unlearner.Scores.Where((_, row) => unlearner.Labels[row]).DefaultIfEmpty(double.NaN).Min();
}
