namespace Unlearn.MLNet.Trials;

/// <summary>Where a run of trials stands.</summary>
/// <param name="Unlearner">Unlearner of the trial that just finished; <see langword="null"/> in the first report, made before any trial runs.</param>
/// <param name="Finished">Trials with a result, those of earlier runs included; never goes down.</param>
/// <param name="Total">Trials in all.</param>
/// <param name="Reused">Trials that an earlier run had finished.</param>
/// <param name="Remaining">Estimated time to the end, by the rate of this run; <see langword="null"/> until a trial of this run has finished.</param>
public readonly record struct TrialProgress(string? Unlearner, int Finished, int Total, int Reused, TimeSpan? Remaining);
