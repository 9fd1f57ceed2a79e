namespace Unlearn.MLNet;

/// <summary>Where a run of trials stands.</summary>
public readonly record struct TrialProgress
{
    /// <summary>Unlearner of the trial that was just finished; <see langword="null"/> in reports before the first trial and while the run waits.</summary>
    public string? Unlearner { get; init; }

    /// <summary>Trials with a result or a failure, those of earlier runs and of other processes included; never goes down.</summary>
    public required int Finished { get; init; }

    /// <summary>Number of trials in all.</summary>
    public required int Total { get; init; }

    /// <summary>Trials that an earlier run had finished.</summary>
    public required int Reused { get; init; }

    /// <summary>Estimated time to the end, by the rate of this run; <see langword="null"/> until a trial of this run has finished.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>Trials that failed, counted in <see cref="Finished"/>. In the first report: those of an earlier run, which are not tried again.</summary>
    public int Failed { get; init; }

    /// <summary>Trials that this run waits for, because another process runs them.</summary>
    public int Elsewhere { get; init; }
}
