using System.Diagnostics;

namespace Unlearn.TestPrograms;

/// <summary>Starts this program; its files lie beside those of the tests that reference it.</summary>
public static class TestProgram
{
    /// <summary>Starts it with its output redirected.</summary>
    /// <param name="arguments">The verb and its arguments; see <c>Program.cs</c>.</param>
    public static Process Start(params IEnumerable<string> arguments) => Start("TieredPGO", arguments); // starts faster

    /// <summary>Starts it so that all methods are optimized from their first call on.</summary>
    /// <param name="arguments">The verb and its arguments.</param>
    public static Process StartOptimized(params IEnumerable<string> arguments) => Start("TieredCompilation", arguments);

    /// <summary>Starts it so that no method is optimized: code of its own hands numbers to libtorch, which optimized code lets go of too early.</summary>
    /// <param name="arguments">The verb and its arguments.</param>
    public static Process StartUnoptimized(params IEnumerable<string> arguments) => Start("TieredPGO", arguments, isOptimized: false);

    private static Process Start(string without, IEnumerable<string> arguments, bool isOptimized = true)
    {
        var path = Path.Combine(AppContext.BaseDirectory, typeof(TestProgram).Assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : ""));
        // tests may change the working folder, and delete it
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, WorkingDirectory = AppContext.BaseDirectory };
        start.Environment[$"DOTNET_{without}"] = "0";
        if (!isOptimized)
        {
            // Hexadecimal: methods are counted after weeks, and optimized after 65,535 calls.
            start.Environment["DOTNET_TC_CallCountingDelayMs"] = "77359400";
            start.Environment["DOTNET_TC_CallCountThreshold"] = "FFFF";
        }
        return Process.Start(start)!;
    }
}
