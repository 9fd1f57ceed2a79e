using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;
using TorchSharp;
using Unlearn.Transforms;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Targets;

namespace Unlearn.Benchmarks.Factors;

/// <summary>Times each factor as a user meets it: by reading its column of a transformed data view.</summary>
internal static class FactorBenchmark
{
    private const string CurvatureFit = "EkfacFit";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static int Run(IReadOnlyList<string> models, int batchSize, int repeats, FileInfo? json)
    {
        torch.set_num_threads(1);
        TorchRuntime.KeepFreedMemory();
        var table = new Table().Title($"Cost of hardness factors in forward + backward passes over the same rows: batches of {batchSize}, one core, median of {repeats}").Border(TableBorder.Simple);
        table.AddColumns("model", "factor", "ratio", "range", "rows/s", "peak MB");
        List<FactorFigures> figures = [];
        foreach (var name in models)
        {
            using var model = BenchmarkModel.Create(name);
            AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {model.Rows.Count} rows, {model.Target.ParameterCount:N0} parameters"));
            figures.AddRange(Measure(model, batchSize, repeats));
        }
        foreach (var figure in figures)
            table.AddRow(figure.Model, figure.Factor, Text($"{figure.Ratio:0.00}"), Text($"{figure.RatioLow:0.00}–{figure.RatioHigh:0.00}"), Text($"{figure.RowsPerSecond:0}"), Text($"{figure.PeakMegabytes:0}"));
        AnsiConsole.Write(table);
        if (json is not null)
            File.WriteAllText(json.FullName, JsonSerializer.Serialize(figures, Json));
        return 0;
    }

    private static IEnumerable<FactorFigures> Measure(BenchmarkModel model, int batchSize, int repeats)
    {
        var mlContext = new MLContext(1);
        List<(string Name, Action Work)> subjects = [(CurvatureFit, () => Fit([HardnessFactors.SelfInfluence]))];
        foreach (var factor in HardnessFactors.Default)
        {
            var output = Fit([factor]).Transform(model.Data);
            subjects.Add((factor.Name, () => ReadAll(output, factor.Name)));
        }
        var tier = Fit([.. HardnessFactors.Default.Where(factor => factor.Tier == FactorTier.T0)]).Transform(model.Data);
        subjects.Add(("T0", () => ReadAll(tier, "UnlearnFactors")));

        model.ForwardAndBackward(batchSize);
        var ratios = subjects.ToDictionary(subject => subject.Name, _ => new Sample());
        var seconds = subjects.ToDictionary(subject => subject.Name, _ => new Sample());
        var peaks = subjects.ToDictionary(subject => subject.Name, _ => new Sample());
        for (var repeat = 0; repeat < repeats; repeat++)
        {
            var before = Seconds(() => model.ForwardAndBackward(batchSize));
            foreach (var (name, work) in subjects)
            {
                GC.Collect();
                PeakMemory.Reset();
                var time = Seconds(work);
                peaks[name].Add(PeakMemory.Megabytes);
                var after = Seconds(() => model.ForwardAndBackward(batchSize));
                ratios[name].Add(time / ((before + after) / 2));
                seconds[name].Add(time);
                before = after;
            }
        }
        return subjects.Select(subject => new FactorFigures(model.Name, subject.Name, ratios[subject.Name].Median, ratios[subject.Name].Low, ratios[subject.Name].High,
            model.Rows.Count / seconds[subject.Name].Median, peaks[subject.Name].Median));

        UnlearnFactorsTransformer Fit(IReadOnlyList<IHardnessFactor> factors) => mlContext.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = model.Target,
            Factors = factors,
            BatchSize = batchSize,
            Seed = 1,
        }).Fit(model.Data);
    }

    private static void ReadAll(IDataView data, string column)
    {
        var asked = data.Schema[column];
        using var cursor = data.GetRowCursor([asked]);
        if (asked.Type is VectorDataViewType)
        {
            var getter = cursor.GetGetter<VBuffer<float>>(asked);
            var value = default(VBuffer<float>);
            while (cursor.MoveNext())
                getter(ref value);
        }
        else
        {
            var getter = cursor.GetGetter<float>(asked);
            var value = 0f;
            while (cursor.MoveNext())
                getter(ref value);
        }
    }

    private static double Seconds(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
