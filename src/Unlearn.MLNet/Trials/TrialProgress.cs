namespace Unlearn.MLNet;

/// <summary>Where a run of trials stands.</summary>
/// <param name="Unlearner">Unlearner of the trial that was just finished; <see langword="null"/> in reports before the first trial and while the run waits.</param>
/// <param name="Finished">Trials with a result or a failure, those of earlier runs and of other processes included; never goes down.</param>
/// <param name="Total">Trials in all.</param>
/// <param name="Reused">Trials that an earlier run had finished.</param>
/// <param name="Remaining">Estimated time to the end, by the rate of this run; <see langword="null"/> until a trial of this run has finished.</param>
/// <param name="Failed">Trials that failed, counted in <paramref name="Finished"/>. In the first report: those of an earlier run, which are not tried again.</param>
/// <param name="Elsewhere">Trials that this run waits for, because another process runs them.</param>
public readonly record struct TrialProgress(string? Unlearner, int Finished, int Total, int Reused, TimeSpan? Remaining, int Failed = 0, int Elsewhere = 0);
