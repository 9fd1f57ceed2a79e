namespace Unlearn.MLNet;

/// <summary>An outcome of every row, averaged over the trials that forgot it. NaN where it was not measured.</summary>
/// <param name="Outcome">Which.</param>
/// <param name="Means">Mean of each row over its trials.</param>
/// <param name="StandardErrors">
/// Standard error of each mean: s / √trials, and the error of p̄_R in quadrature where the outcome is a difference from it. NaN for a single trial.
/// </param>
/// <param name="CensoredShares">Share of each row's trials that are censored, so that the mean is a lower bound; 0 for outcomes that are never censored.</param>
public sealed record OutcomeColumn(Outcome Outcome, IReadOnlyList<double> Means, IReadOnlyList<double> StandardErrors, IReadOnlyList<double> CensoredShares);
