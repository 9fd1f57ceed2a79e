using System.Runtime.InteropServices;

namespace Unlearn.Cli.Terminal;

/// <summary>
/// Ends the process on Ctrl+C and on the signals that ask for an end. The work is told first, and has a moment to wind up. Then the process ends without
/// running down: libtorch may still compute on other threads, and its own destructors would take the memory from under them.
/// </summary>
internal static class StopSignals
{
    private const int CodeBase = 128;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // Numbers as on Linux and macOS.
    private static readonly (PosixSignal Signal, int Number)[] Signals =
        [(PosixSignal.SIGHUP, 1), (PosixSignal.SIGINT, 2), (PosixSignal.SIGQUIT, 3), (PosixSignal.SIGTERM, 15)];

    /// <summary>Runs a program. After a signal it does not return: the process ends with 128 and the signal's number, as shells expect.</summary>
    /// <param name="screen">Says what is kept.</param>
    /// <param name="main">The program; the token is cancelled by a signal.</param>
    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(Screen screen, Func<CancellationToken, Task<int>> main)
    {
        var stop = new CancellationTokenSource();
        var received = 0;
        PosixSignalRegistration[] registrations = [.. Signals.Select(of => PosixSignalRegistration.Create(of.Signal, context =>
        {
            context.Cancel = true;
            if (Interlocked.CompareExchange(ref received, of.Number, 0) != 0)
                End(of.Number); // asked for twice
            // Threads of its own: those of the pool may all be busy, and what listens to the token may take long.
            new Thread(() =>
            {
                Thread.Sleep(Grace);
                screen.SayStopped();
                End(of.Number);
            })
            { IsBackground = true, Name = "stop" }.Start();
            Cancel(stop);
        }))];
        try
        {
            return await main(stop.Token).ConfigureAwait(false);
        }
        finally
        {
            if (Volatile.Read(ref received) is not 0 and var number)
            {
                screen.SayStopped();
                End(number);
            }
            Array.ForEach(registrations, registration => registration.Dispose());
        }
    }

    private static void Cancel(CancellationTokenSource stop)
    {
        try
        {
            stop.Cancel();
        }
        catch (AggregateException)
        {
            // Who listens could not: the process ends all the same.
        }
    }

    private static void End(int signal)
    {
        if (OperatingSystem.IsWindows())
            _ = TerminateProcess(-1, (uint)(CodeBase + signal));
        else
            Exit(CodeBase + signal);
    }

    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void Exit(int code);

    // −1 stands for the process itself.
    [DllImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int TerminateProcess(nint process, uint code);
}
