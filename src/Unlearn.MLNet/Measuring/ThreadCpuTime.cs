using System.Runtime.InteropServices;

namespace Unlearn.MLNet.Measuring;

/// <summary>Processor time of the current thread: unlike wall-clock time it does not grow while other threads have the core.</summary>
internal static class ThreadCpuTime
{
    private const int LinuxThreadClock = 3;
    private const int MacThreadClock = 16;
    private const double TicksPerSecond = 1e7; // Windows counts steps of 100 ns

    /// <summary>Seconds since the thread began; <see langword="null"/> where the operating system does not tell.</summary>
    public static double? Seconds
    {
        get
        {
            if (OperatingSystem.IsWindows())
                return GetThreadTimes(GetCurrentThread(), out _, out _, out var kernel, out var user) ? (kernel + user) / TicksPerSecond : null;
            if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
                return null;
            return ClockGetTime(OperatingSystem.IsLinux() ? LinuxThreadClock : MacThreadClock, out var time) == 0
                ? (long)time.Seconds + (long)time.Nanoseconds / 1e9
                : null;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ClockGetTime(int clock, out TimeSpec time);

    [DllImport("kernel32", EntryPoint = "GetCurrentThread")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint GetCurrentThread();

    [DllImport("kernel32", EntryPoint = "GetThreadTimes")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetThreadTimes(nint thread, out long creation, out long exit, out long kernel, out long user);
}
