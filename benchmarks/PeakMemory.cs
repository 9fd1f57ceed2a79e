using System.Diagnostics;
using System.Globalization;

namespace Unlearn.Benchmarks;

/// <summary>The process's peak of physical memory since it was last reset (on Linux; elsewhere since its start).</summary>
internal static class PeakMemory
{
    public static void Reset()
    {
        if (OperatingSystem.IsLinux())
            File.WriteAllText("/proc/self/clear_refs", "5");
    }

    public static double Megabytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return MegabytesOf(process);
        }
    }

    /// <summary>That of another process.</summary>
    public static double MegabytesOf(Process process)
    {
        if (!OperatingSystem.IsLinux())
            return process.PeakWorkingSet64 / 1e6;
        var line = File.ReadLines(Invariant($"/proc/{process.Id}/status")).First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(6, line.Length - 8), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture)
            * 1024
            / 1e6;
    }
}
