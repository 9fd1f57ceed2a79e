using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet;

/// <summary>An outcome over all rows, as an indicator of hardness that is known after unlearning only: apart from the factors, which predict.</summary>
public sealed record OutcomeSummary
{
    /// <summary>The outcome.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Number of rows that the outcome was measured for, at least 1.</summary>
    public required int Rows { get; init; }

    /// <summary>Mean of the outcome over these rows, in its unit.</summary>
    public required double Mean { get; init; }

    /// <summary>Mean of the outcome's standard errors, over the rows that have one; NaN without.</summary>
    public required double MeanError { get; init; }

    /// <summary>Share of trials in which the outcome is a lower bound, in [0, 1]; 0 for outcomes that are never censored.</summary>
    public required double CensoredShare { get; init; }

    /// <summary>Spearman correlation of the outcome with the hardness score, in [−1, 1]; NaN where the outcome is the same for all rows.</summary>
    public required double Spearman { get; init; }

    /// <summary>Sums a column up.</summary>
    /// <param name="column">The column, measured for at least one row.</param>
    /// <param name="scores">The hardness score of each row.</param>
    public static OutcomeSummary Of(OutcomeColumn column, IReadOnlyList<double> scores)
    {
        ArgumentNullException.ThrowIfNull(column);
        ArgumentNullException.ThrowIfNull(scores);
        int[] rows = [.. Enumerable.Range(0, column.Means.Count).Where(row => !double.IsNaN(column.Means[row]))];
        double[] means = [.. rows.Select(row => column.Means[row])];
        return new()
        {
            Outcome = column.Outcome,
            Rows = rows.Length,
            Mean = means.Average(),
            MeanError = rows.Select(row => column.StandardErrors[row]).Where(error => !double.IsNaN(error)).DefaultIfEmpty(double.NaN).Average(),
            CensoredShare = rows.Average(row => column.CensoredShares[row]),
            Spearman = RankStatistics.Spearman(means, [.. rows.Select(row => scores[row])]),
        };
    }
}
