namespace Unlearn.MLNet.Trials;

/// <summary>What the workers of a run do: claim a trial, run it until it is settled, keep what came of it. Trials that others have claimed are noted.</summary>
internal sealed class TrialWork(ITrialLedger ledger, TrialRunnerOptions options, TimeProvider time, Func<TrialSpec, CancellationToken, TrialResult> run, TrialTally tally)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(0.2);

    private readonly Lock _gate = new();
    private readonly List<TrialSpec> _elsewhere = [];

    /// <summary>Runs one trial, unless somebody else does.</summary>
    public void Run(TrialSpec trial, CancellationToken cancellationToken)
    {
        using var claim = ledger.Claim(trial);
        if (claim is null)
        {
            lock (_gate)
                _elsewhere.Add(trial);
            return;
        }
        var (result, failure) = TryToTheEnd(trial, cancellationToken);
        if (result is not null)
        {
            ledger.Add(trial, result);
            tally.Finish(trial, result.Seconds);
        }
        else if (failure is not null)
        {
            ledger.Add(trial, failure);
            tally.Fail(trial);
        }
        CountElsewhere();
    }

    /// <summary>Waits while others run all that is left.</summary>
    /// <returns>Trials that they left undone: none when all are settled.</returns>
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

    private (TrialResult? Result, TrialFailure? Failure) TryToTheEnd(TrialSpec trial, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var result = run(trial, cancellationToken);
                result.Check(trial);
                return (result, null);
            }
            catch (Exception cause) when (!(cause is OperationCanceledException && cancellationToken.IsCancellationRequested))
            {
                var failure = TrialFailure.Of(trial, cause, attempt);
                if (!failure.IsTransient || attempt > options.Retries)
                    return (null, failure);
            }
            if (cancellationToken.WaitHandle.WaitOne(options.RetryDelay * Math.Pow(2, attempt - 1)))
                cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Counts what others have settled meanwhile.</summary>
    /// <returns>The states of the trials that they have not.</returns>
    private List<TrialState> CountElsewhere()
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
                        tally.Finish(trial, ledger.Read([trial.Id]).Results[0].Seconds);
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
