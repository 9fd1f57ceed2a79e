using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>Does independent work on several cores.</summary>
internal static class WorkerLoop
{
    public static void Run<T>(IReadOnlyList<T> jobs, int workers, Action<T> work, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        try
        {
            // One at a time: models differ much in size. On threads of the pool alone: FastTree hands each step to the pool and spins until it is
            // done, unless it is on such a thread, which does the step at once.
            var partitions = Partitioner.Create(jobs, EnumerablePartitionerOptions.NoBuffering);
            Task.Run(() => Parallel.ForEach(partitions, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken }, work),
                CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (AggregateException failures)
        {
            // Which of several failures came first depends on the threads; any of them tells what is wrong.
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
    }
}
