using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using TorchSharp;

namespace Unlearn.Benchmarks.Trials;

/// <summary>Times trainings and trials.</summary>
internal static class TrialBenchmark
{
    public static int Run(int repeats, FileInfo? json)
    {
        torch.set_num_threads(1);
        var table = new Table().Title("Trainings a minute on one core").Border(TableBorder.Simple).AddColumns("recipe", "single", "stacked", "ratio", "range");
        foreach (var name in BenchmarkRecipe.Names)
        {
            using var recipe = BenchmarkRecipe.Create(name);
            var (single, stacked, ratio) = (new Sample(), new Sample(), new Sample());
            recipe.Train(recipe.Stack);
            for (var repeat = 0; repeat < repeats; repeat++)
            {
                var one = Seconds(() => recipe.Train(1));
                var many = Seconds(() => recipe.Train(recipe.Stack));
                single.Add(one);
                stacked.Add(many);
                ratio.Add(one / many);
            }
            table.AddRow(name, Text($"{60 * recipe.Stack / single.Median:0}"), Text($"{60 * recipe.Stack / stacked.Median:0}"), Text($"{ratio.Median:0.00}"), Text($"{ratio.Low:0.00}–{ratio.High:0.00}"));
        }
        AnsiConsole.Write(table);
        return 0;
    }

    private static double Seconds(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
