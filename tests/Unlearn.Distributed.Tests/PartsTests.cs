using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Tests;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>Parts of a folder in one process: resumed, checked, the same for any number of threads.</summary>
public sealed class PartsTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_number_of_threads_gives_the_same_bytes_and_the_values_of_the_whole()
    {
        using var parts = new PartsCase();
        var rows = await parts.RunAsync("one", workers: 1, cancellationToken: TestToken);
        await parts.RunAsync("three", workers: 3, cancellationToken: TestToken);
        Assert.Equal(5, parts.Bytes("one").Count);
        Assert.Equal(parts.Bytes("one"), parts.Bytes("three"));

        Assert.Equal(Enumerable.Range(0, 120), rows.GetColumn<int>("RowId"));
        var whole = await TorchThreads.RunAsync("test", () => PartsCase.Values(parts.Model.Transform(parts.Context.Data.LoadFromParquet(parts.Input))));
        Assert.All(whole.Zip(PartsCase.Values(rows)), pair => Assert.Equal(pair.First, pair.Second, (one, other) => MathF.Abs(one - other) <= 1e-5f));
        // A row that is alone in a batch, as the first of each cursor, may differ in the last bit: the others do not.
        Assert.All(whole.Zip(PartsCase.Values(rows)).Where((_, row) => row % 24 != 0), pair => Assert.Equal(pair.First, pair.Second));
    }

    [Fact]
    public async Task What_is_done_is_not_computed_again()
    {
        using var parts = new PartsCase();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var stopping = new Reports(report =>
        {
            if (report.Finished == 2)
                stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => parts.RunAsync("out", progress: stopping, cancellationToken: stop.Token));
        var first = parts.Bytes("out");
        Assert.Equal(2, first.Count);
        await File.WriteAllTextAsync(Path.Combine(parts.FolderOf("out"), "part-3.parquet.elsewhere-7-1.tmp"), "of a killed worker", TestToken);

        var times = Times();
        var reports = new Reports();
        await parts.RunAsync("out", progress: reports, cancellationToken: TestToken);
        Assert.Equal([2, 3, 4, 5], reports.All.Select(report => report.Finished));
        Assert.All(reports.All, report => Assert.Equal((2, 5), (report.Kept, report.Total)));
        Assert.Equal(first, parts.Bytes("out").Take(2));
        Assert.Equal(times, Times());
        await parts.RunAsync("whole", cancellationToken: TestToken);
        Assert.Equal(parts.Bytes("whole"), parts.Bytes("out"));

        List<DateTime> Times() =>
            [.. Directory.EnumerateFiles(parts.FolderOf("out")).Order(StringComparer.Ordinal).Take(2).Select(File.GetLastWriteTimeUtc)];
    }

    [Fact]
    public async Task The_same_model_saved_again_is_the_same_and_another_one_or_other_rows_are_computed_anew()
    {
        using var parts = new PartsCase(files: 3);
        await parts.RunAsync("out", cancellationToken: TestToken);
        await Task.Delay(TimeSpan.FromSeconds(2.1), TestToken); // what an archive tells of time
        Assert.Equal(3, await KeptAsync(null));
        Assert.Equal(3, await KeptAsync(parts.Fit(HardnessFactors.Loss, HardnessFactors.GradientNorm, HardnessFactors.SelfInfluence,
            HardnessFactors.NeighborDistance)));
        Assert.Equal(0, await KeptAsync(parts.Fit(HardnessFactors.Entropy)));

        // The first and the last are changed, the second is cut after it was done.
        await KeptAsync(null);
        File.Copy(parts.InputOf(2), parts.InputOf(0), overwrite: true);
        var output = Path.Combine(parts.FolderOf("out"), "part-1.parquet");
        await File.WriteAllBytesAsync(output, (await File.ReadAllBytesAsync(output, TestToken))[..^20], TestToken);
        Assert.Equal(1, await KeptAsync(null));
        await parts.RunAsync("whole", cancellationToken: TestToken);
        Assert.Equal(parts.Bytes("whole"), parts.Bytes("out"));

        async Task<int> KeptAsync(ITransformer? model)
        {
            var reports = new Reports();
            await parts.RunAsync("out", model: model, progress: reports, cancellationToken: TestToken);
            return reports.All[0].Kept;
        }
    }

    [Fact]
    public async Task What_cannot_work_is_told_before_any_part_is_computed()
    {
        using var parts = new PartsCase(files: 2);
        await File.WriteAllTextAsync(parts.FolderOf("file"), "no folder", TestToken);
        await ThrowsAsync<IOException>("file/out", "cannot be written to");
        await ThrowsAsync<ArgumentException>("people", "cannot hold both");

        Directory.CreateDirectory(parts.FolderOf("other"));
        parts.Context.Data.SaveAsParquet(TinyStudy.View(parts.Context, 3), Path.Combine(parts.FolderOf("other"), "part-0.parquet"));
        await ThrowsAsync<InvalidOperationException>("other", "is no transformed part");
        Assert.Single(Directory.EnumerateFiles(parts.FolderOf("other")));

        var bytes = await File.ReadAllBytesAsync(parts.InputOf(1), TestToken);
        await File.WriteAllBytesAsync(parts.InputOf(1), bytes[..(bytes.Length / 2)], TestToken);
        await ThrowsAsync<InvalidDataException>("out", $"'{parts.InputOf(1)}' is no Parquet file, was cut");
        var fewer = parts.Context.Transforms.DropColumns("Label").Fit(TinyStudy.View(parts.Context, 3)).Transform(TinyStudy.View(parts.Context, 3));
        parts.Context.Data.SaveAsParquet(fewer, parts.InputOf(1));
        await ThrowsAsync<InvalidDataException>("out", "need the same columns");
        parts.Context.Data.SaveAsParquet(fewer, parts.InputOf(0));
        await ThrowsAsync<ArgumentException>("out", "Label");
        File.Delete(parts.InputOf(0));
        File.Delete(parts.InputOf(1));
        await ThrowsAsync<FileNotFoundException>("out", "has no file '*.parquet'");
        Directory.Delete(parts.Input);
        await ThrowsAsync<DirectoryNotFoundException>("out", "There is no folder");
        Assert.False(Directory.Exists(parts.FolderOf("out")));

        async Task ThrowsAsync<T>(string output, string expected) where T : Exception => Assert.Contains(
            expected, (await Assert.ThrowsAnyAsync<T>(() => parts.RunAsync(output, cancellationToken: TestToken))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_changes_while_others_are_computed_is_refused()
    {
        using var parts = new PartsCase(files: 3);
        var changing = new Reports(report =>
        {
            if (report.Finished == 1)
                File.Copy(parts.InputOf(1), parts.InputOf(2), overwrite: true);
        });
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => parts.RunAsync("out", progress: changing, cancellationToken: TestToken));
        Assert.Contains($"'{parts.InputOf(2)}' is not what it was when the run began", error.Message, StringComparison.Ordinal);
        Assert.Equal(["part-0.parquet", "part-1.parquet"], Directory.EnumerateFiles(parts.FolderOf("out")).Select(file => Path.GetFileName(file)).Order());
    }

    [Fact]
    public async Task A_context_that_is_told_to_stop_stops_it()
    {
        using var parts = new PartsCase(files: 3);
        Unlearn.Transforms.Interop.MLNetInternals.Cancel(parts.Context);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => parts.RunAsync("out", cancellationToken: TestToken));
        Assert.False(Directory.Exists(parts.FolderOf("out")));
    }

    /// <summary>Reports in their order, on the thread that makes them.</summary>
    internal sealed class Reports(Action<ParquetTransformProgress>? then = null) : IProgress<ParquetTransformProgress>
    {
        public List<ParquetTransformProgress> All { get; } = [];

        public void Report(ParquetTransformProgress value)
        {
            All.Add(value);
            then?.Invoke(value);
        }
    }
}
