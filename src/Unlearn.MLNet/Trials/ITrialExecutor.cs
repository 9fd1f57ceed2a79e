namespace Unlearn.MLNet.Trials;

/// <summary>Runs trials somewhere: on this machine's cores, or elsewhere.</summary>
public interface ITrialExecutor
{
    /// <summary>Runs every trial and hands each result on as soon as it is there, from any thread, in any order.</summary>
    /// <param name="trials">The trials to run.</param>
    /// <param name="run">Runs one trial; deterministic, callable from several threads at once.</param>
    /// <param name="finished">Takes a result.</param>
    /// <param name="cancellationToken">Stops all workers; results that were handed on stay.</param>
    /// <exception cref="TrialFailedException">A trial failed: no further trial was started, those that were running have finished and were handed on.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the last trial had finished.</exception>
    Task RunAsync(IReadOnlyList<TrialSpec> trials, Func<TrialSpec, CancellationToken, TrialResult> run, Action<TrialSpec, TrialResult> finished, CancellationToken cancellationToken);
}
