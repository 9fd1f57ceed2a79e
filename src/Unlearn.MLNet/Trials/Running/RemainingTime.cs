namespace Unlearn.MLNet.Trials.Running;

/// <summary>
/// Estimates the time to the end of a run: time so far × work left / work done. A trial's work is the mean seconds of its unlearner's trials
/// of this run, or of all trials while its unlearner has none. Workers need not be counted: the rate holds them.
/// </summary>
/// <param name="pending">The trials that the run is to do.</param>
internal sealed class RemainingTime(IEnumerable<TrialSpec> pending)
{
    private readonly Dictionary<string, Work> _works =
        pending.GroupBy(trial => trial.Unlearner).ToDictionary(trials => trials.Key, trials => new Work { Left = trials.Count() });

    /// <summary>Takes note of a finished trial.</summary>
    public void Finish(string unlearner, double seconds)
    {
        var work = _works[unlearner];
        work.Left--;
        work.Done++;
        work.Seconds += seconds;
    }

    /// <summary>Takes note of a trial that is no longer to be done.</summary>
    public void Skip(string unlearner) => _works[unlearner].Left--;

    /// <summary>Mean seconds of an unlearner's finished trials; <see langword="null"/> before the first.</summary>
    public double? MeanSeconds(string unlearner) => _works.TryGetValue(unlearner, out var work) && work.Done > 0 ? work.Seconds / work.Done : null;

    /// <summary>Estimates the time left; <see langword="null"/> until a trial has finished, unless none is left.</summary>
    /// <param name="elapsed">Time since the run began.</param>
    public TimeSpan? Estimate(TimeSpan elapsed)
    {
        if (_works.Values.All(work => work.Left == 0))
            return TimeSpan.Zero;
        var done = _works.Values.Sum(work => work.Done);
        if (done == 0)
            return null;
        var seconds = _works.Values.Sum(work => work.Seconds);
        var ratio = seconds > 0
            ? _works.Values.Sum(work => work.Left * (work.Done > 0 ? work.Seconds / work.Done : seconds / done)) / seconds
            : (double)_works.Values.Sum(work => work.Left) / done;
        return elapsed * ratio;
    }

    private sealed class Work
    {
        public int Left { get; set; }

        public int Done { get; set; }

        public double Seconds { get; set; }
    }
}
