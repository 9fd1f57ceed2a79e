using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using TorchSharp;
using Unlearn.Transforms.Targets;

namespace Unlearn.Benchmarks.Trials;

/// <summary>Times trainings, single rows, the engine and all unlearners.</summary>
internal static class TrialBenchmark
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static int Run(int repeats, FileInfo? json)
    {
        TorchRuntime.KeepFreedMemory();
        torch.set_num_threads(1);
        var (trainings, twoWorkers, stacked, overhead) = TrainingBenchmark.Run(repeats);
        Show("Retraining trials a minute", ["recipe", "mode", "median", "range"], trainings.Select(figures => new[] { figures.Recipe, figures.Mode, Text($"{figures.TrialsPerMinute:0}"), Text($"{figures.Low:0}–{figures.High:0}") }));
        Show("Ratios, each of runs just after each other", ["what", "median", "range"],
        [
            ["two workers to one", .. Ratio(twoWorkers)],
            .. stacked.Select(recipe => (string[])[$"{recipe.Key}: stacked to single", .. Ratio(recipe.Value)]),
            .. overhead.Select(recipe => (string[])[$"{recipe.Key}: the engine's share, %", .. Ratio(recipe.Value, 100)]),
        ]);
        var singleRow = SingleRows.Measure(repeats);
        Show("Single rows a minute on one core", ["unlearner", "median", "range"], singleRow.Select(figures => new[] { figures.Name, Text($"{figures.RowsPerMinute:0}"), Text($"{figures.Low:0}–{figures.High:0}") }));
        var engine = new Sample();
        for (var repeat = 0; repeat < repeats; repeat++)
            engine.Add(1000 * EngineBenchmark.SecondsPerTrial());
        var unlearners = UnlearnerBenchmark.Run();
        Show("Unlearners, forgetting 10 % of the rows", ["unlearner", "cost to EU", "retrain gap"], unlearners.Select(figures => new[] { figures.Name, Text($"{figures.CostVersusExact:0.00}"), Text($"{figures.RetrainGap:0.000}") }));
        AnsiConsole.WriteLine(Text($"The engine takes {engine.Median:0.00} ms ({engine.Low:0.00}–{engine.High:0.00}) for a trial of 200 rows that does nothing."));
        if (json is not null)
            File.WriteAllText(json.FullName, JsonSerializer.Serialize(new
            {
                trainings,
                workersRatio = twoWorkers.Median,
                stackedRatio = stacked.ToDictionary(recipe => recipe.Key, recipe => recipe.Value.Median),
                engineOverhead = overhead["cnn"].Median,
                engineOverheads = overhead.ToDictionary(recipe => recipe.Key, recipe => recipe.Value.Median),
                engineMillisecondsPerTrial = engine.Median,
                singleRow,
                unlearners,
            }, Json));
        return 0;
    }

    private static void Show(string title, string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table().Title(title).Border(TableBorder.Simple).AddColumns(columns);
        foreach (var row in rows)
            table.AddRow(row);
        AnsiConsole.Write(table);
    }

    private static string[] Ratio(Sample sample, double scale = 1) => [Text($"{scale * sample.Median:0.00}"), Text($"{scale * sample.Low:0.00}–{scale * sample.High:0.00}")];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
