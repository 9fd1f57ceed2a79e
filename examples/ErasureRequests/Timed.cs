namespace Unlearn.Examples.ErasureRequests;

/// <summary>A result and what it cost.</summary>
/// <param name="Value">The result.</param>
/// <param name="Seconds">Processor seconds of the process: all of its threads, waiting not included.</param>
internal sealed record Timed<T>(T Value, double Seconds);

/// <summary>Measures processor time.</summary>
internal static class Timed
{
    public static Timed<T> Run<T>(Func<T> work)
    {
        var start = Now;
        var value = work();
        return new(value, Now - start);
    }

    public static double Now => Environment.CpuUsage.TotalTime.TotalSeconds;
}
