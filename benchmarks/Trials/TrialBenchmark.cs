using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Trials;

/// <summary>Times trainings, single rows, the engine and all unlearners.</summary>
internal static class TrialBenchmark
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string[] Parts => ["trainings", "engine", "singleRow", "unlearners"];

    public static int Run(IReadOnlyCollection<string> parts, string[] recipes, int repeats, string? python, FileInfo? json)
    {
        TorchRuntime.KeepFreedMemory();
        torch.set_num_threads(1);
        Dictionary<string, object> figures = [];
        if (parts.Contains("trainings"))
            Trainings(recipes, repeats, python is null ? null : new(python), figures);
        if (parts.Contains("engine"))
            Engine(recipes, repeats, figures);
        if (parts.Contains("singleRow"))
            SingleRow(repeats, figures);
        if (parts.Contains("unlearners"))
            Unlearners(figures);
        if (json is not null)
            File.WriteAllText(json.FullName, JsonSerializer.Serialize(figures, Json));
        return 0;
    }

    private static void Trainings(string[] recipes, int repeats, PyTorchLoop? pyTorch, Dictionary<string, object> figures)
    {
        var (trainings, ratios) = TrainingBenchmark.Run(recipes, repeats, pyTorch);
        Show("Retraining trials a minute", ["recipe", "mode", "median", "range"],
            trainings.Select(ofMode => new[] { ofMode.Recipe, ofMode.Mode, Text($"{ofMode.TrialsPerMinute:0}"), Text($"{ofMode.Low:0}–{ofMode.High:0}") }));
        Show("Ratios, each of runs just after each other", ["what", "median", "range"],
            ratios.Select(ratio => (string[])[ratio.Key, .. Ratio(ratio.Value)]));
        if (pyTorch is { Version: { } version })
            AnsiConsole.WriteLine($"PyTorch {version}, one thread; Torch of this library {torch.__version__}.");
        figures["trainings"] = trainings;
        figures["workersRatio"] = ratios[TrainingBenchmark.TwoWorkers].Median;
        figures["stackedRatio"] = recipes.ToDictionary(recipe => recipe, recipe => ratios[$"{recipe}: {TrainingBenchmark.Stacked}"].Median);
    }

    private static void Engine(string[] recipes, int repeats, Dictionary<string, object> figures)
    {
        var shares = EngineBenchmark.Run(recipes, repeats);
        Show("The engine's part of a trial", ["trials", "trial, ms", "engine, ms", "share, %", "range"], shares.Select(of => new[]
        {
            of.Trials,
            Text($"{of.TrialMilliseconds:0.00}"),
            Text($"{of.EngineMilliseconds:0.000}"),
            Text($"{100 * of.Share:0.00}"),
            Text($"{100 * of.Low:0.00}–{100 * of.High:0.00}"),
        }));
        figures["engineOverhead"] = shares.Max(of => of.Share);
        figures["engineOverheads"] = shares;
    }

    private static void SingleRow(int repeats, Dictionary<string, object> figures)
    {
        var singleRow = SingleRows.Measure(repeats);
        Show("Single rows a minute on one core",
            ["unlearner", "median", "range"], singleRow.Select(of => new[] { of.Name, Text($"{of.RowsPerMinute:0}"), Text($"{of.Low:0}–{of.High:0}") }));
        figures["singleRow"] = singleRow;
    }

    private static void Unlearners(Dictionary<string, object> figures)
    {
        var unlearners = UnlearnerBenchmark.Run();
        Show("Unlearners, forgetting 10 % of the rows", ["unlearner", "cost to EU", "retrain gap"],
            unlearners.Select(of => new[] { of.Name, Text($"{of.CostVersusExact:0.00}"), Text($"{of.RetrainGap:0.000}") }));
        figures["unlearners"] = unlearners;
    }

    private static void Show(string title, string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table().Title(title).Border(TableBorder.Simple).AddColumns(columns);
        foreach (var row in rows)
            table.AddRow(row);
        AnsiConsole.Write(table);
    }

    private static string[] Ratio(Sample sample, double scale = 1) =>
        [Text($"{scale * sample.Median:0.00}"), Text($"{scale * sample.Low:0.00}–{scale * sample.High:0.00}")];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
