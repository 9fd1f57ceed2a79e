namespace Unlearn.MLNet.Trials;

/// <summary>Carries out plans: runs the trials that the ledger has no result of and keeps each result the moment it is there.</summary>
/// <param name="ledger">Keeps the results; stays open.</param>
/// <param name="executor">Runs the trials.</param>
/// <param name="time">Clock of the estimates.</param>
public sealed class TrialRunner(ITrialLedger ledger, ITrialExecutor executor, TimeProvider time)
{
    private readonly ITrialLedger _ledger = ledger ?? throw new ArgumentNullException(nameof(ledger));
    private readonly ITrialExecutor _executor = executor ?? throw new ArgumentNullException(nameof(executor));
    private readonly TimeProvider _time = time ?? throw new ArgumentNullException(nameof(time));

    /// <summary>Runs what is missing. However it ends, finished trials are kept, and calling it again goes on from there.</summary>
    /// <param name="plans">The plans; their trials take turns, so that the estimate soon knows what each unlearner costs.</param>
    /// <param name="run">Runs one trial; deterministic, callable from several threads at once.</param>
    /// <param name="progress">
    /// Told once before any trial runs, then after each; one report at a time, in order, from the executor's threads. May be <see langword="null"/>.
    /// <see cref="Progress{T}"/> hands reports on through the thread pool, where their order can get lost.
    /// </param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>The results of all trials, in the order of the plans and of the trials in them.</returns>
    /// <exception cref="TrialFailedException">A trial failed.</exception>
    /// <exception cref="TrialLedgerException">The ledger cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the last trial had finished.</exception>
    public async Task<IReadOnlyList<TrialResult>> RunAsync(
        IReadOnlyList<TrialPlan> plans, Func<TrialSpec, CancellationToken, TrialResult> run, IProgress<TrialProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentNullException.ThrowIfNull(run);
        var trials = InTurn(plans);
        var alreadyFinished = _ledger.Finished(trials.Select(trial => trial.Id));
        TrialSpec[] pending = [.. trials.Where(trial => !alreadyFinished.Contains(trial.Id))];

        var gate = new Lock();
        var finished = alreadyFinished.Count;
        var remaining = new RemainingTime(pending);
        var start = _time.GetTimestamp();
        Report(unlearner: null);
        await _executor.RunAsync(pending, run, Keep, cancellationToken).ConfigureAwait(false);
        return [.. plans.SelectMany(plan => plan.Trials).Select(trial => _ledger.Read(trial.Id))];

        void Keep(TrialSpec trial, TrialResult result)
        {
            _ledger.Add(trial, result);
            lock (gate)
            {
                finished++;
                remaining.Finish(trial.Unlearner, result.Seconds);
                Report(trial.Unlearner);
            }
        }

        void Report(string? unlearner) =>
            progress?.Report(new TrialProgress(unlearner, finished, trials.Count, alreadyFinished.Count, remaining.Estimate(_time.GetElapsedTime(start))));
    }

    private static List<TrialSpec> InTurn(IReadOnlyList<TrialPlan> plans) =>
        [.. plans.SelectMany(plan => plan.Trials.Select((trial, turn) => (trial, turn))).OrderBy(item => item.turn).Select(item => item.trial).DistinctBy(trial => trial.Id)];
}
