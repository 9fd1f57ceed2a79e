namespace Unlearn.Transforms.Runtime;

/// <summary>
/// Runs ML.NET's trainings on threads of the pool. FastTree hands each of its many small steps to the pool and waits, which takes far longer than the
/// step; on such a thread it does the step at once.
/// </summary>
internal static class PoolThread
{
    /// <summary>Runs work, and waits for it: here, if this is a thread of the pool.</summary>
    public static T Run<T>(Func<T> work) => Thread.CurrentThread.IsThreadPoolThread ? work() : Task.Run(work).GetAwaiter().GetResult();
}
