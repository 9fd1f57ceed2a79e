namespace Unlearn.MLNet.Trials.Running;

/// <summary>Trials that a function runs one by one.</summary>
internal sealed class SeparateTrials(Func<TrialSpec, CancellationToken, TrialResult> run) : ITrialProcedure
{
    public int BatchSize(string unlearner) => 1;

    public IReadOnlyList<TrialAttempt> Run(IReadOnlyList<TrialSpec> trials, CancellationToken cancellationToken) =>
        [.. trials.Select(trial => TrialAttempt.Of(() => run(trial, cancellationToken), cancellationToken))];
}
