using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Unlearn.Benchmarks.Distributed;
using Unlearn.Benchmarks.Factors;
using Unlearn.Distributed;
using Unlearn.Examples.DistributedTrials;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Benchmarks.Rows;

/// <summary>
/// Factors of a Parquet file by parts, by threads and by worker processes, beside one plain transform that is saved. All write the same rows. Everything
/// was warmed up by a small file before.
/// </summary>
internal sealed class PartsBenchmark : IDisposable
{
    private const int Classes = 10;
    private const int Hidden = 256;
    private const int RowsPerGroup = 8192;
    private const int WarmUpRows = 4 * RowsPerGroup;

    private readonly MLContext _context = new(1);
    private readonly int _rows;
    private readonly int _rowsPerPart;
    private readonly DirectoryInfo _folder;
    private readonly TorchTarget _target;
    private readonly TransformerChain<ColumnSelectingTransformer> _model;
    private double _plainProcessor;
    private int _runs;

    private PartsBenchmark(int rows, int features, int rowsPerPart, DirectoryInfo folder)
    {
        (_rows, _rowsPerPart, _folder) = (rows, rowsPerPart, folder);
        Save(Input, rows);
        Save(WarmUp, WarmUpRows);
        var architecture = TorchArchitecture.Mlp(features, Classes, Hidden);
        using var module = architecture.CreateModule(seed: 1);
        _target = TorchTarget.FromModule(architecture, module, TorchDevice.Cpu);
        var people = _context.Data.LoadFromParquet(Input);
        _model = _context.Transforms.Conversion.MapValueToKey("Label")
            .Append(_context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = _target, Factors = RowsBenchmark.Streamed, Seed = 1 }))
            .Append(_context.Transforms.SelectColumns("RowId", "UnlearnFactors"))
            .Fit(people);

        void Save(string input, int count)
        {
            Directory.CreateDirectory(input);
            _context.Data.SaveAsParquet(RandomRows.View(_context, count, features, Classes, seed: 1), Path.Combine(input, "people.parquet"), RowsPerGroup);
        }
    }

    private string Input => Path.Combine(_folder.FullName, "people");

    private string WarmUp => Path.Combine(_folder.FullName, "warm-up");

    /// <summary>Measures and prints.</summary>
    /// <param name="rows">Rows of the file.</param>
    /// <param name="features">Features of a row.</param>
    /// <param name="rowsPerPart">Rows of a part.</param>
    /// <param name="workers">Numbers of threads, and of worker processes.</param>
    /// <param name="folder">Where files are made; all are removed.</param>
    public static async Task<int> RunAsync(int rows, int features, int rowsPerPart, int[] workers, DirectoryInfo? folder)
    {
        var temporary = Directory.CreateDirectory(Path.Combine(folder?.FullName ?? Path.GetTempPath(), Invariant($"unlearn-parts-{Environment.ProcessId}")));
        try
        {
            using var benchmark = new PartsBenchmark(rows, features, rowsPerPart, temporary);
            await benchmark.RunAsync(workers);
            return 0;
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    public void Dispose()
    {
        _model.Dispose();
        _target.Dispose();
    }

    private async Task RunAsync(int[] workers)
    {
        Console.WriteLine("| who | s | processor s | rows a second | processor s over plain | peak MB |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        await PlainAsync(WarmUp);
        await MeasureAsync("plain Transform and SaveAsParquet", [], () => PlainAsync(Input));
        foreach (var count in workers)
            await PartsAsync(Invariant($"threads: {count}"), new() { Workers = count, RowsPerPart = _rowsPerPart }, []);
        if (!TemporaryPostgres.IsInstalled)
        {
            Console.Error.WriteLine("Without PostgreSQL no worker processes: apt-get install postgresql");
            return;
        }
        using var server = new TemporaryPostgres(RandomNumberGenerator.GetHexString(16));
        foreach (var count in workers)
        {
            var blobs = _folder.CreateSubdirectory(Invariant($"blobs-{count}"));
            var processes = Enumerable.Range(0, count).Select(_ => DistributedBenchmark.Start(server, blobs)).ToList();
            try
            {
                var cluster = new PostgresCluster(server.ConnectionString("postgres"), new BlobFolder(blobs.FullName));
                await PartsAsync(Invariant($"worker processes: {count}"), new() { Cluster = cluster, RowsPerPart = _rowsPerPart }, processes);
            }
            finally
            {
                processes.ForEach(DistributedBenchmark.Stop);
            }
        }
    }

    private Task<bool> PlainAsync(string input) => TorchThreads.RunAsync("plain", () =>
    {
        _context.Data.SaveAsParquet(_model.Transform(_context.Data.LoadFromParquet(input)), Path.Combine(_folder.FullName, "plain.parquet"));
        return true;
    });

    private async Task PartsAsync(string who, ParquetTransformOptions options, IReadOnlyList<Process> processes)
    {
        var (warm, output) = (Path.Combine(_folder.FullName, Invariant($"warm-{_runs}")), Path.Combine(_folder.FullName, Invariant($"out-{_runs++}")));
        var small = new ParquetTransformOptions { Workers = options.Workers, Cluster = options.Cluster, RowsPerPart = RowsPerGroup };
        await _context.Data.TransformParquetAsync(_model, WarmUp, warm, small);
        await MeasureAsync(who, processes, () => _context.Data.TransformParquetAsync(_model, Input, output, options));
        Console.Error.WriteLine($"{who}: {Directory.GetFiles(output).Length} files, SHA-256 of all {HashOf(output)[..16]}");
    }

    // A worker's memory is its peak since it was started.
    private async Task MeasureAsync(string who, IReadOnlyList<Process> processes, Func<Task> run)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        PeakMemory.Reset();
        var (before, start) = (Processor(), Stopwatch.GetTimestamp());
        await run();
        var (seconds, processor) = (Stopwatch.GetElapsedTime(start).TotalSeconds, Processor() - before);
        if (_plainProcessor == 0)
            _plainProcessor = processor;
        var memory = string.Concat(processes.Select(process => Invariant($" + {PeakMemory.MegabytesOf(process):0}")));
        Console.WriteLine(Invariant($"| {who} | {seconds:0.0} | {processor:0.0} | {_rows / seconds:N0} | ")
            + Invariant($"{100 * (processor / _plainProcessor - 1):+0;-0;0} % | {PeakMemory.Megabytes:0}{memory} |"));

        double Processor() => Environment.CpuUsage.TotalTime.TotalSeconds + processes.Sum(process =>
        {
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        });
    }

    private static string HashOf(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            hash.AppendData(File.ReadAllBytes(file));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
