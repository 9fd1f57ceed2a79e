using System.Runtime.ExceptionServices;
using TorchSharp;

namespace Unlearn.Transforms.Runtime;

/// <summary>Torch work on several threads at once, each of which uses one thread per operation, so that results do not depend on their number.</summary>
internal static class TorchWorkers
{
    /// <summary>Does a number of pieces of work, and waits for them. The first that fails or is cancelled keeps the others from starting.</summary>
    /// <param name="count">Number of pieces.</param>
    /// <param name="workers">Threads, from 1.</param>
    /// <param name="work">Does the piece of a number from 0; what tensors it leaves are disposed.</param>
    public static void Run(int count, int workers, Action<int> work)
    {
        TorchRuntime.EnsureAvailable();
        var torchThreads = torch.get_num_threads();
        var taken = 0;
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(1, Math.Min(workers, count)).Select(worker => new Thread(Work) { Name = $"Torch worker {worker}", IsBackground = true })];
        OnAll(thread => thread.Start());
        OnAll(thread => thread.Join());

        // New threads start with the latest number that any thread has set.
        var last = new Thread(() => torch.set_num_threads(torchThreads));
        last.Start();
        last.Join();
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);

        void OnAll(Action<Thread> action) => Array.ForEach(threads, action);

        void Work()
        {
            try
            {
                TorchThreads.UseOne();
                while (Volatile.Read(ref failure) is null && Interlocked.Increment(ref taken) is var number && number <= count)
                {
                    using var scope = torch.NewDisposeScope();
                    work(number - 1);
                }
            }
            catch (Exception cause)
            {
                Interlocked.CompareExchange(ref failure, cause, null);
            }
        }
    }
}
