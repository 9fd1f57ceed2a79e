using System.Diagnostics;
using System.Globalization;

namespace Unlearn.Benchmarks.Trials;

/// <summary>The same trainings by a plain loop of PyTorch, in a process of its own: what users would write without this library.</summary>
/// <param name="python">Python, with torch.</param>
internal sealed class PyTorchLoop(string python)
{
    private static string Script => Path.Combine(AppContext.BaseDirectory, "Trials", "pytorch_loop.py");

    /// <summary>PyTorch's version, once it has run.</summary>
    public string? Version { get; private set; }

    /// <summary>Whether the loop knows a recipe.</summary>
    public static bool Knows(string recipe) => recipe is "cnn" or "mlp" or "linear";

    /// <summary>Trains as many models as a recipe's plan has trials.</summary>
    /// <returns>Seconds, of what <see cref="Clock"/> counts. Loading PyTorch, and a first training, do not count.</returns>
    /// <exception cref="InvalidOperationException">Python ended with an error.</exception>
    public double Seconds(BenchmarkRecipe recipe)
    {
        int[] numbers = [recipe.Plan.Trials.Count, BenchmarkRecipe.RetainedCount, recipe.Recipe.Epochs, recipe.Recipe.BatchSize];
        var start = new ProcessStartInfo(python, [Script, recipe.Name, .. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var words = process.StandardOutput.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        if (process.ExitCode != 0 || words is not [var processor, var clock, var version])
            throw new InvalidOperationException($"'{python} {Script}' ended with {process.ExitCode}: is torch installed there? On Debian, python3-torch.");
        Version = version;
        return double.Parse(Clock.CountsProcessorTime ? processor : clock, CultureInfo.InvariantCulture);
    }
}
