namespace Unlearn.MLNet.Trials;

/// <summary>What one trial measured.</summary>
/// <param name="TrialId">Id of the trial's spec.</param>
/// <param name="Outcomes">One outcome per forgotten row, in the order of the spec's ids.</param>
/// <param name="RetainedAccuracy">Accuracy of the unlearned model on the retained rows, in [0, 1].</param>
/// <param name="TestAccuracy">Accuracy of the unlearned model on the test rows, in [0, 1]; <see langword="null"/> without test rows.</param>
/// <param name="Seconds">Wall-clock seconds of the unlearning itself.</param>
public sealed record TrialResult(string TrialId, IReadOnlyList<RowOutcome> Outcomes, double RetainedAccuracy, double? TestAccuracy, double Seconds);
