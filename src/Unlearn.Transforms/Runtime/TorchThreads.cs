using System.Runtime.ExceptionServices;
using TorchSharp;

namespace Unlearn.Transforms.Runtime;

/// <summary>
/// Threads of our own for Torch's work. An operation takes one thread on each, so that results depend neither on the number of cores nor on other
/// threads.
/// </summary>
internal static class TorchThreads
{
    /// <summary>
    /// Makes every operation of the current thread take one thread, so that its results depend neither on the number of cores nor on what other
    /// threads do.
    /// </summary>
    /// <exception cref="InvalidOperationException">Torch does not let itself be told.</exception>
    public static void UseOne()
    {
        // Torch gives a thread the number that any thread has set last when it first asks; asking first keeps that from undoing what is set here.
        _ = torch.get_num_threads();
        torch.set_num_threads(1);
        if (torch.get_num_threads() is var threads && threads != 1)
            throw new InvalidOperationException($"Torch uses {threads} threads for one operation where one was asked for, so trials would not be reproducible. "
                + "Set the environment variable OMP_NUM_THREADS=1.");
    }

    /// <summary>Does work on a thread of its own.</summary>
    /// <param name="name">Name of the thread.</param>
    /// <param name="work">The work.</param>
    /// <returns>What the work gave, or how it failed or was cancelled.</returns>
    public static Task<T> RunAsync<T>(string name, Func<T> work)
    {
        TorchRuntime.EnsureAvailable();
        var others = torch.get_num_threads();
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(name, () =>
        {
            try
            {
                completion.SetResult(Work());
            }
            catch (OperationCanceledException cancelled)
            {
                completion.SetCanceled(cancelled.CancellationToken);
            }
            catch (Exception failure)
            {
                completion.SetException(failure);
            }
        });
        return completion.Task;

        T Work()
        {
            try
            {
                UseOne();
                return work();
            }
            finally
            {
                torch.set_num_threads(others);
            }
        }
    }

    /// <summary>
    /// Does a number of pieces of work on several threads at once, and waits for them. The first that fails keeps the others from starting, and is
    /// thrown.
    /// </summary>
    /// <param name="name">Name of the threads, which are numbered.</param>
    /// <param name="count">Number of pieces.</param>
    /// <param name="workers">Threads, from 1.</param>
    /// <param name="work">Does the piece of a number from 0; what tensors it leaves are disposed.</param>
    /// <param name="cancellationToken">Keeps further pieces from starting.</param>
    /// <exception cref="OperationCanceledException">It was cancelled before all pieces were done.</exception>
    public static void RunAll(string name, int count, int workers, Action<int> work, CancellationToken cancellationToken = default)
    {
        TorchRuntime.EnsureAvailable();
        var others = torch.get_num_threads();
        var (taken, completed) = (0, 0);
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(1, Math.Min(workers, count)).Select(worker => Start($"{name} {worker}", Work))];
        Array.ForEach(threads, thread => thread.Join());

        // New threads start with the latest number that any thread has set.
        Start($"{name}'s end", () => torch.set_num_threads(others)).Join();
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        if (completed < count)
            cancellationToken.ThrowIfCancellationRequested();

        void Work()
        {
            try
            {
                UseOne();
                while (Volatile.Read(ref failure) is null
                    && !cancellationToken.IsCancellationRequested
                    && Interlocked.Increment(ref taken) is var number
                    && number <= count)
                {
                    using var scope = torch.NewDisposeScope();
                    work(number - 1);
                    Interlocked.Increment(ref completed);
                }
            }
            catch (Exception cause)
            {
                Interlocked.CompareExchange(ref failure, cause, null);
            }
        }
    }

    private static Thread Start(string name, Action work)
    {
        var thread = new Thread(() => work()) { Name = name, IsBackground = true };
        thread.Start();
        return thread;
    }
}
