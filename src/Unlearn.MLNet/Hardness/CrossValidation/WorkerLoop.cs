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
            // One at a time: models differ much in size.
            var partitions = Partitioner.Create(jobs, EnumerablePartitionerOptions.NoBuffering);
            Parallel.ForEach(partitions, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken }, work);
        }
        catch (AggregateException failures)
        {
            // Which of several failures came first depends on the threads; any of them tells what is wrong.
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
    }
}
