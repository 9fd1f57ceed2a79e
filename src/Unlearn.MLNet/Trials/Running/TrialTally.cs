namespace Unlearn.MLNet.Trials.Running;

/// <summary>Counts the trials of a run as they are settled, and tells of each; from any thread, one report at a time.</summary>
internal sealed class TrialTally
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly IProgress<TrialProgress>? _progress;
    private readonly long _start;
    private readonly RemainingTime _remaining;
    private readonly HashSet<string> _open;
    private readonly int _total;
    private readonly int _reused;
    private int _failed;

    /// <param name="trials">All trials of the run, and how they stand when it begins.</param>
    /// <param name="time">Clock of the estimates.</param>
    /// <param name="progress">Gets a report after every step; may be <see langword="null"/>.</param>
    public TrialTally(IReadOnlyCollection<(TrialSpec Trial, TrialState State)> trials, TimeProvider time, IProgress<TrialProgress>? progress)
    {
        TrialSpec[] open = [.. trials.Where(item => item.State is TrialState.Pending or TrialState.Running).Select(item => item.Trial)];
        _time = time;
        _progress = progress;
        _start = time.GetTimestamp();
        _remaining = new(open);
        _open = open.Select(trial => trial.Id).ToHashSet(StringComparer.Ordinal);
        _total = trials.Count;
        _reused = _total - open.Length;
        _failed = trials.Count(item => item.State == TrialState.Failed);
        Report(unlearner: null);
    }

    public void Finish(TrialSpec trial, double seconds) => Settle(trial, () => _remaining.Finish(trial.Unlearner, seconds));

    public void Fail(TrialSpec trial) => Settle(trial, () =>
    {
        _failed++;
        _remaining.Skip(trial.Unlearner);
    });

    /// <summary>Mean seconds of an unlearner's trials that finished in this run; <see langword="null"/> before the first.</summary>
    public double? MeanSeconds(string unlearner)
    {
        lock (_gate)
            return _remaining.MeanSeconds(unlearner);
    }

    public void Wait(int elsewhere)
    {
        lock (_gate)
            Report(unlearner: null, elsewhere);
    }

    private void Settle(TrialSpec trial, Action count)
    {
        lock (_gate)
            if (_open.Remove(trial.Id))
            {
                count();
                Report(trial.Unlearner);
            }
    }

    private void Report(string? unlearner, int elsewhere = 0) =>
        _progress?.Report(new TrialProgress
        {
            Unlearner = unlearner,
            Finished = _total - _open.Count,
            Total = _total,
            Reused = _reused,
            Remaining = _remaining.Estimate(_time.GetElapsedTime(_start)),
            Failed = _failed,
            Elsewhere = elsewhere,
        });
}
