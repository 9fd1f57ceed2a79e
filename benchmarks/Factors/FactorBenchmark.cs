using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;
using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Factors;

/// <summary>Times each factor as a user meets it: by reading its column of a transformed data view.</summary>
internal static class FactorBenchmark
{
    private const string FitSuffix = "Fit";
    private const string TierT0 = "T0";

    // What takes longer is not repeated any more.
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(1.5);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    // A factor of each statistic that the models can give, by the subject that fits it.
    private static readonly Dictionary<string, IHardnessFactor> Fits = HardnessFactors.Default
        .Where(factor => factor is { Tier: < FactorTier.T2, Statistic: not null }).DistinctBy(factor => factor.Statistic)
        .ToDictionary(factor => factor.Statistic!.Name + FitSuffix, StringComparer.Ordinal);

    /// <summary>All that can be measured.</summary>
    public static string[] Subjects { get; } = [.. Fits.Keys, TierT0, .. HardnessFactors.Default.Select(factor => factor.Name)];

    public static int Run(IReadOnlyList<string> models, IReadOnlyList<string> subjects, int batchSize, int repeats, FileInfo? json)
    {
        torch.set_num_threads(1);
        TorchRuntime.KeepFreedMemory();
        List<FactorFigures> figures = [];
        foreach (var name in models)
        {
            using var model = BenchmarkModel.Create(name);
            var table = new Table().Border(TableBorder.Simple).AddColumns("factor", "ratio", "range", "rows/s", "peak MB")
                .Title(Invariant($"{name}, {model.Target.ParameterCount:N0} parameters: cost in forward + backward passes over the same {model.Rows.Count} ")
                    + Invariant($"rows; batches of {batchSize}, one core, median of {repeats}"));
            foreach (var figure in Measure(model, subjects, batchSize, repeats))
            {
                figures.Add(figure);
                table.AddRow(figure.Factor, Text($"{figure.Ratio:0.00}"), Text($"{figure.RatioLow:0.00}–{figure.RatioHigh:0.00}"),
                    Text($"{figure.RowsPerSecond:0}"), Text($"{figure.PeakMegabytes:0}"));
            }
            AnsiConsole.Write(table);
            if (json is not null)
                File.WriteAllText(json.FullName, JsonSerializer.Serialize(figures, Json));
        }
        return 0;
    }

    private static List<FactorFigures> Measure(BenchmarkModel model, IReadOnlyList<string> subjects, int batchSize, int repeats)
    {
        model.ForwardAndBackward(batchSize);
        List<FactorFigures> figures = [];
        foreach (var subject in subjects)
        {
            Console.Error.Write($"{model.Name} {subject}: ");
            var figure = Measure(model, subject, batchSize, repeats);
            Console.Error.WriteLine(Text($"{figure.Ratio:0.00}"));
            figures.Add(figure);
        }
        return figures;
    }

    // Each time is measured between two yardsticks.
    private static FactorFigures Measure(BenchmarkModel model, string subject, int batchSize, int repeats)
    {
        Sample ratios = new(), seconds = new(), peaks = new();
        var work = Work(model, subject, batchSize);
        var before = Seconds(() => model.ForwardAndBackward(batchSize));
        var start = Stopwatch.GetTimestamp();
        for (var repeat = 0; repeat < repeats && (repeat == 0 || Stopwatch.GetElapsedTime(start) < LongEnough); repeat++)
        {
            GC.Collect();
            PeakMemory.Reset();
            var time = Seconds(work);
            peaks.Add(PeakMemory.Megabytes);
            var after = Seconds(() => model.ForwardAndBackward(batchSize));
            ratios.Add(time / ((before + after) / 2));
            seconds.Add(time);
            before = after;
        }
        return new(model.Name, subject, ratios.Median, ratios.Low, ratios.High, model.Rows.Count / seconds.Median, peaks.Median);
    }

    private static Action Work(BenchmarkModel model, string subject, int batchSize)
    {
        if (Fits.TryGetValue(subject, out var fitted))
            return () => Fit([fitted]);
        if (subject != TierT0)
            return Reading(Fit([HardnessFactors.Find(subject)]).Transform(model.Data), subject);
        return Reading(Fit([.. HardnessFactors.Default.Where(factor => factor.Tier == FactorTier.T0)]).Transform(model.Data), "UnlearnFactors");

        UnlearnFactorsTransformer Fit(IReadOnlyList<IHardnessFactor> factors) => new MLContext(1).Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = model.Target,
            Factors = factors,
            BatchSize = batchSize,
            Seed = 1,
        }).Fit(model.Data);

        static Action Reading(IDataView output, string column)
        {
            ReadAll(output, column);
            return () => ReadAll(output, column);
        }
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
