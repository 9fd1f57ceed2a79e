using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;
using TorchSharp;
using Unlearn.Benchmarks.Factors;
using Unlearn.MLNet;
using Unlearn.MLNet.Measuring;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Rows;

/// <summary>Whether memory stays flat and time linear for more and more rows: stored in a file, fitted, transformed, trained on, and as Parquet.</summary>
internal static class RowsBenchmark
{
    private const int Classes = 10;

    /// <summary>Factors that learn nothing from training rows.</summary>
    public static readonly IHardnessFactor[] Streamed =
    [
        .. HardnessFactors.All.Where(factor => factor.Tier == FactorTier.T0), HardnessFactors.GradientNorm, HardnessFactors.BoundaryDistance,
    ];

    private static readonly IHardnessFactor[] Learned =
        [.. Streamed, HardnessFactors.GradientAlignment, HardnessFactors.SelfInfluence];

    private static readonly IHardnessFactor[] Neighborhood =
    [
        HardnessFactors.NeighborDistance, HardnessFactors.NeighborDisagreement, HardnessFactors.NearDuplicates, HardnessFactors.CentroidDistance,
        HardnessFactors.Entanglement,
    ];

    // Of all rows, the search is quadratic.
    private const int Searched = 1000;
    private const int LargestPairs = 100_000;
    private const int Forgotten = 100;

    /// <param name="counts">Numbers of rows.</param>
    /// <param name="features">Features of a row.</param>
    /// <param name="folder">Where files are made, some three times the rows; all are removed.</param>
    public static int Run(int[] counts, int features, DirectoryInfo? folder)
    {
        torch.set_num_threads(1);
        Clock.CountsProcessorTime = true;
        var temporary = Directory.CreateDirectory(Path.Combine(folder?.FullName ?? Path.GetTempPath(), $"unlearn-rows-{Environment.ProcessId}"));
        try
        {
            var table = new Table().Title($"Rows of {features} features, linear target, one thread").Border(TableBorder.Simple)
                .AddColumns("what", "rows", "processor s", "µs a row", "peak MB");
            foreach (var count in counts)
                foreach (var (what, seconds, peak) in Measure(count, features, temporary.FullName))
                    table.AddRow(what, Show(count, "N0"), Show(seconds, "0.0"), Show(seconds / count * 1e6, "0.0"), Show(peak, "0"));
            AnsiConsole.Write(table);
            return 0;
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private static IEnumerable<(string What, double Seconds, double Peak)> Measure(int count, int features, string folder)
    {
        var mlContext = new MLContext(1);
        var architecture = TorchArchitecture.Mlp(features, Classes);
        using var module = architecture.CreateModule(seed: 1);
        using var target = TorchTarget.FromModule(architecture, module, TorchDevice.Cpu);
        var generated = RandomRows.View(mlContext, count, features, Classes, seed: 1);
        var parquet = Path.Combine(folder, "rows.parquet");

        yield return Timed("making the rows", () => Read(generated, "Features"));
        TrainingRows? rows = null;
        yield return Timed("TrainingRows in a file", () => rows = TrainingRows.FromDataView(generated, storePath: folder));
        using var stored = rows!;
        var view = stored.ToDataView(mlContext);
        yield return Timed("reading them as a view", () => Read(view, "Features"));
        UnlearnFactorsTransformer? fitted = null;
        yield return Timed("Fit, T0 + gradient norm + boundary", () => fitted = Fit(Streamed));
        using (var transformer = fitted!)
            yield return Timed("Transform", () => Read(transformer.Transform(view), "UnlearnFactors"));
        yield return Timed("Fit, with alignment + self-influence", () => fitted = Fit(Learned));
        using (var transformer = fitted!)
            yield return Timed("Transform", () => Read(transformer.Transform(view), "UnlearnFactors"));
        var recipe = new TorchRecipe(architecture) { Epochs = 1, BatchSize = 256, Device = TorchDevice.Cpu };
        yield return Timed("one epoch of training", () => recipe.Train(stored, Enumerable.Range(0, count).ToArray(), seed: 1).Dispose());
        yield return Timed("Fit, neighborhood", () => fitted = Fit(Neighborhood));
        using (var transformer = fitted!)
            yield return Timed($"Transform of {Searched} rows", () => Read(transformer.Transform(mlContext.Data.TakeRows(view, Searched)), "UnlearnFactors"));
        if (count <= LargestPairs)
            yield return Timed("near-duplicates", () => NearDuplicateGroups.Of(stored, target));
        yield return Timed("points of an audit without φ", () => NearestRows.Points(stored, values => values).Dispose());
        yield return Timed($"boundary shrink, {Forgotten} rows", () => new BoundaryShrink().Unlearn(
            new(target, recipe, stored, Enumerable.Range(0, Forgotten).ToArray(), seed: 1), CancellationToken.None).Dispose());
        yield return Timed("SaveAsParquet", () => mlContext.Data.SaveAsParquet(view, parquet));
        yield return Timed("LoadFromParquet, all values", () => Read(mlContext.Data.LoadFromParquet(parquet), "Features"));
        yield return Timed("LoadFromParquet, labels alone", () => Read(mlContext.Data.LoadFromParquet(parquet), "Label"));
        File.Delete(parquet);

        UnlearnFactorsTransformer Fit(IHardnessFactor[] factors) => mlContext.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = target, Factors = factors, Seed = 1, StoreFolder = folder,
        }).Fit(view);
    }

    private static (string What, double Seconds, double Peak) Timed(string what, Action work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        PeakMemory.Reset();
        var seconds = Clock.Seconds(work);
        Console.Error.WriteLine(Invariant($"{what}: {seconds:0.0} s, {PeakMemory.Megabytes:0} MB"));
        return (what, seconds, PeakMemory.Megabytes);
    }

    private static void Read(IDataView view, string name)
    {
        var column = view.Schema[name];
        using var cursor = view.GetRowCursor([column]);
        if (column.Type is VectorDataViewType)
            Read<VBuffer<float>>();
        else
            Read<uint>();

        void Read<T>()
        {
            var getter = cursor.GetGetter<T>(column);
            var value = default(T)!;
            while (cursor.MoveNext())
                getter(ref value);
        }
    }

    private static string Show(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
