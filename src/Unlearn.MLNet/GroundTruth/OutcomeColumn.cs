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
}
