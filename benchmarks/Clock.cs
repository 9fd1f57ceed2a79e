using System.Diagnostics;

namespace Unlearn.Benchmarks;

/// <summary>Times work.</summary>
internal static class Clock
{
    /// <summary>Whether to count this process's processor time: comparable on a busy machine, where the wall clock is not, but blind to work at once.</summary>
    public static bool CountsProcessorTime { get; set; }

    public static double Seconds(Action work)
    {
        if (CountsProcessorTime)
        {
            var before = Environment.CpuUsage.TotalTime;
            work();
            return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        }
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
