namespace Unlearn.MLNet.Trials;

/// <summary>Progress of a run of trials.</summary>
internal readonly record struct TrialProgress
{
    /// <summary>Unlearner of the trial that was just finished; <see langword="null"/> in reports before the first trial and while the run waits.</summary>
    public string? Unlearner { get; init; }

    /// <summary>Number of trials with a result or a failure, including trials of earlier runs and other processes. It never decreases.</summary>
    public required int Finished { get; init; }

    /// <summary>Number of trials in all.</summary>
    public required int Total { get; init; }

    /// <summary>Trials that an earlier run had finished.</summary>
    public required int Reused { get; init; }

    /// <summary>Estimated time to the end, by the rate of this run; <see langword="null"/> until a trial of this run has finished.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>
    /// Number of failed trials, which <see cref="Finished"/> includes. In the first report: failed trials of earlier runs that are not tried again.
    /// </summary>
    public int Failed { get; init; }

    /// <summary>Trials that this run waits for, because another process runs them.</summary>
    public int Elsewhere { get; init; }
}
