namespace Unlearn.MLNet;

/// <summary>What came of trials: each has either a result or a failure.</summary>
/// <param name="Results">Results, in the order of the trials.</param>
/// <param name="Failures">Failures, in the order of the trials.</param>
public sealed record TrialRun(IReadOnlyList<TrialResult> Results, IReadOnlyList<TrialFailure> Failures)
{
    /// <summary>What came of the trials of one plan.</summary>
    /// <param name="plan">A plan whose trials are among these.</param>
    public TrialRun Of(TrialPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var ids = plan.Trials.Select(trial => trial.Id).ToHashSet(StringComparer.Ordinal);
        return new([.. Results.Where(result => ids.Contains(result.TrialId))], [.. Failures.Where(failure => ids.Contains(failure.TrialId))]);
    }
}
