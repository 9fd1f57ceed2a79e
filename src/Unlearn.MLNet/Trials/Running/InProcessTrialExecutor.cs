using TorchSharp;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet;

/// <summary>
/// Runs trials on threads of this process. Every worker is a thread of its own whose Torch operations use one thread, so that results depend
/// neither on the number of workers nor on the number of cores, and takes the next trial as soon as it is free.
/// </summary>
/// <remarks>
/// Tensors that a trial leaves undisposed are disposed with it. Torch threads that first appear while trials run start with one
/// thread per operation as well; the previous default is restored at the end.
/// </remarks>
public sealed class InProcessTrialExecutor : ITrialExecutor
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
    /// <exception cref="TorchUnavailableException">Torch's native library cannot be loaded.</exception>
    public async Task RunAsync(IReadOnlyList<TrialSpec> trials, Action<TrialSpec, CancellationToken> run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(trials);
        ArgumentNullException.ThrowIfNull(run);
        cancellationToken.ThrowIfCancellationRequested();
        if (trials.Count == 0)
            return;

        TorchRuntime.EnsureAvailable();
        var torchThreads = torch.get_num_threads();
        var taken = 0;
        var completed = 0;
        var isStopping = false;
        try
        {
            await Task.WhenAll(Enumerable.Range(1, Math.Min(Workers, trials.Count)).Select(worker => OnOwnThread($"trial worker {worker}", Work))).ConfigureAwait(false);
        }
        finally
        {
            await OnOwnThread("trial workers' end", () => torch.set_num_threads(torchThreads)).ConfigureAwait(false);
        }
        if (completed < trials.Count)
            cancellationToken.ThrowIfCancellationRequested();

        void Work()
        {
            try
            {
                TorchThreads.UseOne();
                while (!Volatile.Read(ref isStopping) && !cancellationToken.IsCancellationRequested && Interlocked.Increment(ref taken) is var number && number <= trials.Count)
                {
                    using var scope = torch.NewDisposeScope();
                    run(trials[number - 1], cancellationToken);
                    Interlocked.Increment(ref completed);
                }
            }
            catch
            {
                Volatile.Write(ref isStopping, true);
                throw;
            }
        }
    }

    private static Task OnOwnThread(string name, Action work)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(Run) { Name = name, IsBackground = true }.Start();
        return end.Task;

        void Run()
        {
            try
            {
                work();
                end.SetResult();
            }
            catch (OperationCanceledException cancelled)
            {
                end.SetCanceled(cancelled.CancellationToken);
            }
            catch (Exception failure)
            {
                end.SetException(failure);
            }
        }
    }
}
