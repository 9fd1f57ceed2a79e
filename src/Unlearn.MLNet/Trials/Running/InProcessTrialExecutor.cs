using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet.Trials.Running;

/// <summary>
/// Runs trials on threads of this process. Every worker is a separate thread and takes the next trial as soon as it is free. Its Torch operations use
/// one thread, so results depend neither on the number of workers nor on the number of cores.
/// </summary>
/// <remarks>
/// Tensors that a trial leaves undisposed are disposed with it. Torch threads that first appear while trials run start with one
/// thread per operation as well; the previous default is restored at the end.
/// </remarks>
internal sealed class InProcessTrialExecutor : ITrialExecutor
{
    /// <summary>Creates an executor with one worker per core.</summary>
    public InProcessTrialExecutor() : this(Environment.ProcessorCount) { }

    /// <summary>Creates an executor.</summary>
    /// <param name="workers">Number of trials that run at once, at least 1; more than there are cores gains nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">No worker.</exception>
    public InProcessTrialExecutor(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        Workers = workers;
    }

    /// <summary>Number of trials that run at once.</summary>
    public int Workers { get; }

    /// <inheritdoc/>
    public Task RunAsync(IReadOnlyList<IReadOnlyList<TrialSpec>> batches, TrialWork work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunAsync(batches, work.Run, cancellationToken);
    }

    /// <summary>Calls a function once for every piece of work, in about this order, on the threads of the workers.</summary>
    /// <param name="pieces">The pieces.</param>
    /// <param name="run">Does one piece.</param>
    /// <param name="cancellationToken">Stops all workers.</param>
    /// <exception cref="TorchUnavailableException">Torch's native library cannot be loaded.</exception>
    /// <exception cref="OperationCanceledException">Canceled before the last piece was done.</exception>
    /// <exception cref="Exception">The first exception from <paramref name="run"/>. No further piece was begun; those that ran were completed.</exception>
    public async Task RunAsync<T>(IReadOnlyList<T> pieces, Action<T, CancellationToken> run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        ArgumentNullException.ThrowIfNull(run);
        cancellationToken.ThrowIfCancellationRequested();
        if (pieces.Count == 0)
            return;

        TorchRuntime.KeepFreedMemoryByDefault();
        await TorchThreads.RunAsync("trial workers", () =>
        {
            TorchThreads.RunAll("trial worker", pieces.Count, Workers, number => run(pieces[number], cancellationToken), cancellationToken);
            return pieces.Count;
        }).ConfigureAwait(false);
    }
}
