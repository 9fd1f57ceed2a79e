namespace Unlearn.MLNet.Trials;

/// <summary>Runs trials somewhere: on this machine's cores, or elsewhere.</summary>
internal interface ITrialExecutor
{
    /// <summary>Calls a function once for every trial, from any threads, in about this order.</summary>
    /// <param name="trials">The trials.</param>
    /// <param name="run">
    /// Runs one trial and keeps its result or failure; callable from several threads at once. An exception from it means that the whole run failed,
    /// not the trial.
    /// </param>
    /// <param name="cancellationToken">Stops all workers.</param>
    /// <exception cref="OperationCanceledException">Canceled before the last trial ended.</exception>
    /// <exception cref="Exception">The first exception from <paramref name="run"/>. No further trial was started; running trials were completed.</exception>
    Task RunAsync(IReadOnlyList<TrialSpec> trials, Action<TrialSpec, CancellationToken> run, CancellationToken cancellationToken);
}
