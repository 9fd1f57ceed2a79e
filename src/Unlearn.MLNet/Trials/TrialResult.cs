using System.Globalization;

namespace Unlearn.MLNet.Trials;

/// <summary>What one trial measured.</summary>
/// <param name="TrialId">Id of the trial's spec.</param>
/// <param name="Outcomes">One outcome per forgotten row, in the order of the spec's ids.</param>
/// <param name="RetainedAccuracy">Accuracy of the unlearned model on the retained rows, in [0, 1].</param>
/// <param name="TestAccuracy">Accuracy of the unlearned model on the test rows, in [0, 1]; <see langword="null"/> without test rows.</param>
/// <param name="Seconds">Wall-clock seconds of the unlearning itself.</param>
public sealed record TrialResult(string TrialId, IReadOnlyList<RowOutcome> Outcomes, double RetainedAccuracy, double? TestAccuracy, double Seconds)
{
    /// <summary>Checks that this is a result of a trial.</summary>
    /// <exception cref="ArgumentException">Other id or rows, or numbers that are not finite.</exception>
    internal void Check(TrialSpec spec)
    {
        if (TrialId != spec.Id)
            throw new ArgumentException($"The result is of trial '{TrialId}', not of {spec}: give the result the spec's id.");
        if (!Outcomes.Select(outcome => outcome.RowId).SequenceEqual(spec.ForgetIds, StringComparer.Ordinal))
            throw new ArgumentException($"The outcomes of {spec} are not of its {spec.ForgetIds.Count} forgotten rows: give one outcome for each, in the order of the spec.");
        if (!double.IsFinite(RetainedAccuracy) || !double.IsFinite(TestAccuracy ?? 0) || !double.IsFinite(Seconds))
            throw new ArgumentException($"Retained accuracy, test accuracy or seconds of {spec} is not a finite number.");
        foreach (var outcome in Outcomes)
            if (!double.IsFinite(outcome.ConfidenceBefore) || !double.IsFinite(outcome.ConfidenceAfter))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                    $"The confidence of row '{outcome.RowId}' in {spec} is not a finite number ({outcome.ConfidenceBefore} before, {outcome.ConfidenceAfter} after): the model diverged."));
    }
}
