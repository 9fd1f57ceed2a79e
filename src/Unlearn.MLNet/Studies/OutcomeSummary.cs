namespace Unlearn.MLNet;

/// <summary>An outcome over all rows, as an indicator of hardness that is known after unlearning only: apart from the factors, which predict.</summary>
/// <param name="Outcome">Which.</param>
/// <param name="Rows">Number of rows that it was measured for.</param>
/// <param name="Mean">Its mean over them.</param>
/// <param name="MeanError">Mean of its standard errors, over the rows that have one; NaN without.</param>
/// <param name="CensoredShare">Share of trials in which it is a lower bound, 0 for outcomes that are never censored.</param>
/// <param name="Spearman">Its Spearman correlation with the hardness score; NaN where it is the same for all rows.</param>
public sealed record OutcomeSummary(Outcome Outcome, int Rows, double Mean, double MeanError, double CensoredShare, double Spearman)
{
    /// <summary>Sums a column up.</summary>
    /// <param name="column">The column, measured for at least one row.</param>
    /// <param name="scores">The hardness score of each row.</param>
    public static OutcomeSummary Of(OutcomeColumn column, IReadOnlyList<double> scores)
    {
        ArgumentNullException.ThrowIfNull(column);
        ArgumentNullException.ThrowIfNull(scores);
        int[] rows = [.. Enumerable.Range(0, column.Means.Count).Where(row => !double.IsNaN(column.Means[row]))];
        double[] means = [.. rows.Select(row => column.Means[row])];
        return new(
            column.Outcome,
            rows.Length,
            means.Average(),
            rows.Select(row => column.StandardErrors[row]).Where(error => !double.IsNaN(error)).DefaultIfEmpty(double.NaN).Average(),
            rows.Average(row => column.CensoredShares[row]),
            RankStatistics.Spearman(means, [.. rows.Select(row => scores[row])]));
    }
}
