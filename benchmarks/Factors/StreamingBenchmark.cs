using System.Globalization;
using Microsoft.ML;
using Spectre.Console;
using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Factors;

/// <summary>Whether memory stays flat however many rows stream through.</summary>
internal static class StreamingBenchmark
{
    private const int Features = 32;
    private const int Classes = 10;

    public static int Run()
    {
        torch.set_num_threads(1);
        var mlContext = new MLContext(1);
        var architecture = TorchArchitecture.Mlp(Features, Classes, 64);
        using var module = architecture.CreateModule(seed: 1);
        using var target = TorchTarget.FromModule(architecture, module, TorchDevice.Cpu);
        var transformer = mlContext.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = HardnessFactors.Core, Seed = 1 })
            .Fit(RandomRows.View(mlContext, 2000, Features, Classes, seed: 1));
        var table = new Table().Title("Peak memory while rows stream through the core four").Border(TableBorder.Simple).AddColumns("rows", "peak MB");
        foreach (var rows in new[] { 10_000, 10_000, 100_000, 1_000_000 })
        {
            var output = transformer.Transform(RandomRows.View(mlContext, rows, Features, Classes, seed: 2));
            GC.Collect();
            PeakMemory.Reset();
            using (var cursor = output.GetRowCursor([output.Schema["UnlearnFactors"]]))
            {
                var getter = cursor.GetGetter<Microsoft.ML.Data.VBuffer<float>>(output.Schema["UnlearnFactors"]);
                var value = default(Microsoft.ML.Data.VBuffer<float>);
                while (cursor.MoveNext())
                    getter(ref value);
            }
            table.AddRow(rows.ToString("N0", CultureInfo.InvariantCulture), PeakMemory.Megabytes.ToString("0", CultureInfo.InvariantCulture));
        }
        AnsiConsole.Write(table);
        return 0;
    }
}
