namespace Unlearn.MLNet.Trials.Running;

/// <summary>
/// Carries out plans: runs the trials that have neither a result nor a failure in the ledger, and stores each result or failure at once. Several runs, in one
/// process or several, may share a ledger file and work on the same plans. Each trial is then run by one of them, and each run returns the results of
/// all trials.
/// </summary>
/// <param name="ledger">Keeps results and failures; stays open.</param>
/// <param name="executor">Runs the trials.</param>
/// <param name="time">Clock for the estimates of the remaining time.</param>
/// <param name="options">How to deal with failures and other plans; <see langword="null"/> for the defaults.</param>
internal sealed class TrialRunner(ITrialLedger ledger, ITrialExecutor executor, TimeProvider time, TrialRunnerOptions? options = null)
{
    private readonly ITrialLedger _ledger = ledger ?? throw new ArgumentNullException(nameof(ledger));
    private readonly ITrialExecutor _executor = executor ?? throw new ArgumentNullException(nameof(executor));
    private readonly TimeProvider _time = time ?? throw new ArgumentNullException(nameof(time));
    private readonly TrialRunnerOptions _options = options ?? new();

    /// <summary>
    /// Runs the missing trials. Settled trials are kept however the run ends, and another call continues from there. A failed trial is recorded with
    /// its reason and stops no other trial. It is not run again unless its failure is transient or <see cref="TrialRunnerOptions.RetryFailed"/> is set.
    /// </summary>
    /// <param name="plans">The plans. Their trials alternate, so that the time estimate soon covers each unlearner.</param>
    /// <param name="run">Runs one trial; deterministic, callable from several threads at once.</param>
    /// <param name="progress">
    /// Gets a report before the first trial and after each trial: one report at a time, in order, on the executor's threads. May be <see langword="null"/>.
    /// <see cref="Progress{T}"/> passes reports on through the thread pool, where their order can get lost.
    /// </param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>Results and failures of all trials, in the order of the plans and of the trials in them.</returns>
    /// <exception cref="TrialFailedException">Every trial of a plan failed.</exception>
    /// <exception cref="TrialLedgerException">The ledger holds other plans of the same unlearners, or cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the last trial was settled.</exception>
    public Task<TrialRun> RunAsync(
        IReadOnlyList<TrialPlan> plans, Func<TrialSpec, CancellationToken, TrialResult> run, IProgress<TrialProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        return RunAsync(plans, new SeparateTrials(run), progress, cancellationToken);
    }

    /// <summary>Runs the missing trials, in batches if the procedure asks for them. Otherwise it is like the other overload.</summary>
    /// <param name="plans">The plans.</param>
    /// <param name="procedure">Carries out trials.</param>
    /// <param name="progress">Gets a report before the first trial and after each trial; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>Results and failures of all trials, in the order of the plans and of the trials in them.</returns>
    /// <exception cref="TrialFailedException">Every trial of a plan failed.</exception>
    /// <exception cref="TrialLedgerException">The ledger holds other plans of the same unlearners, or cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the last trial was settled.</exception>
    public async Task<TrialRun> RunAsync(
        IReadOnlyList<TrialPlan> plans, ITrialProcedure procedure, IProgress<TrialProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentNullException.ThrowIfNull(procedure);
        foreach (var plan in plans)
            _ledger.Register(plan, _options.AllowOtherPlans);
        var trials = InTurn(plans);
        DropFailuresToRetry(trials);
        var states = _ledger.States(Ids(trials));
        var work = new TrialWork(_ledger, _options, _time, procedure, new TrialTally([.. trials.Zip(states)], _time, progress));

        IReadOnlyList<TrialSpec> open = Open(trials, states);
        while (open.Count > 0)
        {
            await _executor.RunAsync(TrialBatches.Of(open, procedure), work, cancellationToken).ConfigureAwait(false);
            open = await work.WaitForOthersAsync(cancellationToken).ConfigureAwait(false);
            if (open.Count == 0)
                open = Open(trials, _ledger.States(Ids(trials))); // another run may be trying a failure again
        }
        return Outcomes(plans);
    }

    private void DropFailuresToRetry(IReadOnlyList<TrialSpec> trials)
    {
        string[] failed = [.. trials.Zip(_ledger.States(Ids(trials))).Where(item => item.Second == TrialState.Failed).Select(item => item.First.Id)];
        _ledger.DropFailures(
            [.. _ledger.Read(failed).Failures.Where(failure => failure.IsTransient || _options.RetryFailed).Select(failure => failure.TrialId)]);
    }

    private TrialRun Outcomes(IReadOnlyList<TrialPlan> plans)
    {
        var run = _ledger.Read(Ids(plans.SelectMany(plan => plan.Trials)));
        foreach (var plan in plans)
            if (run.Of(plan) is { Results.Count: 0, Failures: { Count: > 0 } failures })
                throw new TrialFailedException(failures);
        return run;
    }

    private static TrialSpec[] Open(IReadOnlyList<TrialSpec> trials, IReadOnlyList<TrialState> states) =>
        [.. trials.Zip(states).Where(item => item.Second is TrialState.Pending or TrialState.Running).Select(item => item.First)];

    private static string[] Ids(IEnumerable<TrialSpec> trials) => [.. trials.Select(trial => trial.Id)];

    private static List<TrialSpec> InTurn(IReadOnlyList<TrialPlan> plans) =>
        [.. plans.SelectMany(plan => plan.Trials.Select((trial, turn) => (trial, turn)))
            .OrderBy(item => item.turn)
            .Select(item => item.trial)
            .DistinctBy(trial => trial.Id)];
}
