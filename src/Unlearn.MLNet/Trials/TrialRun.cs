namespace Unlearn.MLNet.Trials;

/// <summary>Results and failures of trials. Each trial has either a result or a failure.</summary>
internal sealed record TrialRun
{
    /// <summary>Results of the trials that have one, in the order of the trials.</summary>
    public required IReadOnlyList<TrialResult> Results { get; init; }

    /// <summary>Failures of the other trials, in the order of the trials.</summary>
    public required IReadOnlyList<TrialFailure> Failures { get; init; }

    /// <summary>Results and failures of the trials of one plan.</summary>
    /// <param name="plan">The plan. Its trials must be among these trials.</param>
    public TrialRun Of(TrialPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var ids = plan.Trials.Select(trial => trial.Id).ToHashSet(StringComparer.Ordinal);
        return new()
        {
            Results = [.. Results.Where(result => ids.Contains(result.TrialId))],
            Failures = [.. Failures.Where(failure => ids.Contains(failure.TrialId))],
        };
    }
}
