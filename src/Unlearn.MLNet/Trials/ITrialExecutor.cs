namespace Unlearn.MLNet;

/// <summary>Runs trials somewhere: on this machine's cores, or elsewhere.</summary>
public interface ITrialExecutor
{
    /// <summary>Calls a function once for every trial, from any threads, in about this order.</summary>
    /// <param name="trials">The trials.</param>
    /// <param name="run">Runs one trial and keeps what comes of it; callable from several threads at once. What it throws is no failure of the trial, but of the whole run.</param>
    /// <param name="cancellationToken">Stops all workers.</param>
    /// <exception cref="OperationCanceledException">Cancelled before the last trial was through.</exception>
    /// <exception cref="Exception">What <paramref name="run"/> threw first: no further trial was started, those that were running went through.</exception>
    Task RunAsync(IReadOnlyList<TrialSpec> trials, Action<TrialSpec, CancellationToken> run, CancellationToken cancellationToken);
}
