namespace Unlearn.Parquet;

/// <summary>Waits for tasks where ML.NET asks for values at once. They run on the thread pool, so that no caller's context can block them.</summary>
internal static class Waiting
{
    public static void For(Func<Task> work) => Task.Run(work).GetAwaiter().GetResult();

    public static T For<T>(Func<Task<T>> work) => Task.Run(work).GetAwaiter().GetResult();
}
