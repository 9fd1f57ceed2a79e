using System.Diagnostics;

namespace Unlearn.TestPrograms;

/// <summary>Starts this program; its files lie beside those of the tests that reference it.</summary>
public static class TestProgram
{
    /// <summary>Starts it with its output redirected.</summary>
    /// <param name="arguments">The verb and its arguments; see <c>Program.cs</c>.</param>
    public static Process Start(params IEnumerable<string> arguments)
    {
        var path = Path.Combine(AppContext.BaseDirectory, typeof(TestProgram).Assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : ""));
        // tests may change the working folder, and delete it
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, WorkingDirectory = AppContext.BaseDirectory };
        start.Environment["DOTNET_TieredPGO"] = "0"; // starts faster
        return Process.Start(start)!;
    }
}
