using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet;

/// <summary>An outcome of every row, averaged over the trials that forgot it. NaN where it was not measured.</summary>
public sealed record OutcomeColumn
{
    /// <summary>The outcome.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Mean of each row over its trials, in the outcome's unit; NaN where it was not measured.</summary>
    public required IReadOnlyList<double> Means { get; init; }

    /// <summary>
    /// Standard error of each mean: s / √trials, and the error of p̄_R in quadrature where the outcome is a difference from it. NaN for a single trial.
    /// </summary>
    public required IReadOnlyList<double> StandardErrors { get; init; }

    /// <summary>Share of each row's trials that are censored, in [0, 1]: the mean is then a lower bound. 0 for outcomes that are never censored.</summary>
    public required IReadOnlyList<double> CensoredShares { get; init; }

    /// <summary>Number of rows that the outcome was measured for.</summary>
    public int Rows => Measured.Count();

    /// <summary>Mean of the outcome over these rows, in its unit; NaN without any.</summary>
    public double Mean => AverageOf(Means);

    /// <summary>Mean of the standard errors over the rows that have one; NaN without any.</summary>
    public double MeanError => AverageOf(StandardErrors);

    /// <summary>Share of the trials in which the outcome is a lower bound, in [0, 1]; 0 for outcomes that are never censored.</summary>
    public double CensoredShare => AverageOf(CensoredShares);

    private IEnumerable<int> Measured => Enumerable.Range(0, Means.Count).Where(row => !double.IsNaN(Means[row]));

    /// <summary>Spearman correlation of the outcome with a score, over the rows that the outcome was measured for.</summary>
    /// <param name="scores">The score of each row, such as <see cref="UnlearnerResult.Scores"/>.</param>
    /// <returns>A number in [−1, 1]; NaN where the outcome or the score is the same for all rows.</returns>
    public double SpearmanWith(IReadOnlyList<double> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return RankStatistics.Spearman([.. Measured.Select(row => Means[row])], [.. Measured.Select(row => scores[row])]);
    }

    private double AverageOf(IReadOnlyList<double> values) =>
        Measured.Select(row => values[row]).Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
}
