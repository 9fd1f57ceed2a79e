namespace Unlearn.MLNet.Trials.Running;

/// <summary>
/// The work of a run's workers: claim the trials of a batch, run them until each has succeeded or failed for good, and keep their results and failures.
/// Trials that other runs have claimed are noted, to be checked later.
/// </summary>
internal sealed class TrialWork(ITrialLedger ledger, TrialRunnerOptions options, TimeProvider time, ITrialProcedure procedure, TrialTally tally)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(0.2);

    private readonly Lock _gate = new();
    private readonly List<TrialSpec> _elsewhere = [];

    /// <summary>Runs the trials of a batch, except trials that another run has claimed.</summary>
    public void Run(IReadOnlyList<TrialSpec> batch, CancellationToken cancellationToken)
    {
        var (claimed, claims) = Claim(batch);
        if (claimed.Count == 0)
            return;
        try
        {
            for (var attempt = 1; claimed.Count > 0; attempt++)
            {
                claimed = Try(claimed, attempt, cancellationToken);
                if (claimed.Count > 0 && cancellationToken.WaitHandle.WaitOne(options.RetryDelay * Math.Pow(2, attempt - 1)))
                    cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            claims.ForEach(claim => claim.Dispose());
        }
        CountElsewhere();
    }

    /// <summary>Notes trials that others are to settle.</summary>
    public void LeaveToOthers(IEnumerable<TrialSpec> trials)
    {
        lock (_gate)
            _elsewhere.AddRange(trials);
    }

    /// <summary>Mean seconds of an unlearner's trials that were settled so far; <see langword="null"/> before the first.</summary>
    public double? MeanSeconds(string unlearner) => tally.MeanSeconds(unlearner);

    /// <summary>Waits while other runs work on all remaining trials.</summary>
    /// <returns>Trials that the other runs left undone; empty when all trials are settled.</returns>
    public async Task<IReadOnlyList<TrialSpec>> WaitForOthersAsync(CancellationToken cancellationToken)
    {
        for (var told = 0; ; await Task.Delay(LookInterval, time, cancellationToken).ConfigureAwait(false))
        {
            var states = CountElsewhere();
            if (states.Contains(TrialState.Pending) || states.Count == 0)
                break;
            if (states.Count != told)
                tally.Wait(told = states.Count);
        }
        TrialSpec[] undone = [.. _elsewhere];
        _elsewhere.Clear();
        return undone;
    }

    // The run that claims the first trial of a batch gets the whole batch, so that two runs do not share a batch. An exception is a batch that a
    // killed run left half done.
    private (List<TrialSpec> Trials, List<IDisposable> Claims) Claim(IReadOnlyList<TrialSpec> batch)
    {
        List<TrialSpec> claimed = [], elsewhere = [];
        List<IDisposable> claims = [];
        ledger.Together(() =>
        {
            claimed.Clear();
            claims.Clear();
            elsewhere.Clear();
            foreach (var trial in batch)
                if (claims.Count == 0 && trial != batch[0] || ledger.Claim(trial) is not { } claim)
                    elsewhere.Add(trial);
                else
                {
                    claimed.Add(trial);
                    claims.Add(claim);
                }
        });
        LeaveToOthers(elsewhere);
        return (claimed, claims);
    }

    /// <returns>Trials to try again.</returns>
    private List<TrialSpec> Try(IReadOnlyList<TrialSpec> trials, int attempt, CancellationToken cancellationToken)
    {
        List<TrialSpec> again = [];
        List<Action> reports = [];
        var attempts = Attempts(trials, cancellationToken);
        ledger.Together(() =>
        {
            again.Clear();
            reports.Clear();
            foreach (var (trial, outcome) in trials.Zip(attempts))
            {
                if (outcome.Result is { } result)
                {
                    ledger.Add(trial, result);
                    reports.Add(() => tally.Finish(trial, result.TotalSeconds));
                    continue;
                }
                var failure = TrialFailure.Of(trial, outcome.Cause!, attempt);
                if (failure.IsTransient && attempt <= options.Retries)
                {
                    again.Add(trial);
                    continue;
                }
                ledger.Add(trial, failure);
                reports.Add(() => tally.Fail(trial));
            }
        });
        reports.ForEach(report => report());
        return again;
    }

    private IReadOnlyList<TrialAttempt> Attempts(IReadOnlyList<TrialSpec> trials, CancellationToken cancellationToken)
    {
        IReadOnlyList<TrialAttempt> attempts;
        try
        {
            attempts = procedure.Run(trials, cancellationToken);
        }
        catch (Exception cause) when (!TrialAttempt.IsCancellation(cause, cancellationToken))
        {
            return [.. trials.Select(_ => TrialAttempt.Failure(cause))];
        }
        if (attempts.Count != trials.Count)
            throw new InvalidOperationException(
                $"{procedure.GetType().Name} gave {attempts.Count} attempts for {trials.Count} trials: give one for each, in order.");
        return [.. trials.Zip(attempts, Checked)];
    }

    private static TrialAttempt Checked(TrialSpec trial, TrialAttempt attempt)
    {
        try
        {
            attempt.Result?.Check(trial);
            return attempt;
        }
        catch (ArgumentException cause)
        {
            return TrialAttempt.Failure(cause);
        }
    }

    /// <summary>Counts the trials that other runs have settled meanwhile.</summary>
    /// <returns>The states of the trials that are still open.</returns>
    public IReadOnlyList<TrialState> CountElsewhere()
    {
        lock (_gate)
        {
            if (_elsewhere.Count == 0)
                return [];
            var trials = _elsewhere.ToArray();
            var states = ledger.States([.. trials.Select(trial => trial.Id)]);
            _elsewhere.Clear();
            List<TrialState> open = [];
            foreach (var (trial, state) in trials.Zip(states))
                switch (state)
                {
                    case TrialState.Finished:
                        tally.Finish(trial, ledger.Read([trial.Id]).Results[0].TotalSeconds);
                        break;
                    case TrialState.Failed:
                        tally.Fail(trial);
                        break;
                    default:
                        _elsewhere.Add(trial);
                        open.Add(state);
                        break;
                }
            return open;
        }
    }
}
