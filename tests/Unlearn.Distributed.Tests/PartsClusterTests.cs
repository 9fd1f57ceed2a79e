using System.Text.Json;
using Microsoft.ML;
using Unlearn.Distributed.Blobs;
using Unlearn.Distributed.Jobs;
using Unlearn.Distributed.Parts;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>Parts by workers: the same bytes whatever happens to these, and what a worker refuses.</summary>
[Collection(nameof(ChaosTests))]
public sealed class PartsClusterTests(PostgresServer server)
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Workers_of_which_one_is_killed_write_the_bytes_of_one_process()
    {
        using var parts = new PartsCase(files: 4, rowsPerFile: 60);
        var database = server.NewDatabase();
        var store = new JobStore(new(database), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(0.1));
        var running = parts.RunAsync("there", cluster: parts.Cluster(database), rowsPerPart: 20, cancellationToken: TestToken);
        using (var victim = NewWorker())
        {
            // It loads the model, and transforms its first part.
            while (store.Storage.GetMonitoringApi().GetStatistics().Processing == 0 && !running.IsCompleted)
                await Task.Delay(10, TestToken);
            victim.Kill();
        }
        Assert.False(running.IsCompleted);
        Assert.Equal(1, store.Storage.GetMonitoringApi().GetStatistics().Processing);
        using (NewWorker())
        using (NewWorker())
            await running;
        await parts.RunAsync("here", workers: 2, rowsPerPart: 20, cancellationToken: TestToken);
        Assert.Equal(12, parts.Bytes("there").Count);
        Assert.Equal(parts.Bytes("here"), parts.Bytes("there"));

        // Neither needs the other's work.
        var reports = new PartsTests.Reports();
        await parts.RunAsync("here", cluster: parts.Cluster(database), progress: reports, rowsPerPart: 20, cancellationToken: TestToken);
        Assert.Equal(12, reports.All.Single().Kept);

        WorkerProcess NewWorker() => new(database, parts.Blobs, parts.FolderOf("diary"));
    }

    [Fact]
    public async Task A_canceled_run_takes_its_jobs_away_and_a_job_that_is_lost_is_added_again()
    {
        using var parts = new PartsCase(files: 3);
        var database = server.NewDatabase();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var store = new JobStore(new(database), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(0.1));
        var running = parts.RunAsync("out", cluster: parts.Cluster(database), cancellationToken: stop.Token);
        await UntilAsync(() => Enqueued() == 3);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(0, Enqueued());

        running = parts.RunAsync("out", cluster: parts.Cluster(database), cancellationToken: TestToken);
        await UntilAsync(() => Enqueued() == 3);
        foreach (var job in store.Storage.GetMonitoringApi().EnqueuedJobs(JobStore.Queue, 0, 2))
            store.Delete(job.Key);
        await using var worker = new InProcessWorker(database, new BlobFolder(parts.Blobs));
        await running;
        await parts.RunAsync("here", cancellationToken: TestToken);
        Assert.Equal(parts.Bytes("here"), parts.Bytes("out"));

        long Enqueued() => store.Storage.GetMonitoringApi().GetStatistics().Enqueued;

        async Task UntilAsync(Func<bool> condition)
        {
            while (!condition() && !running.IsCompleted)
                await Task.Delay(20, TestToken);
        }
    }

    [Theory]
    [InlineData("format", "the list of the parts has format 99")]
    [InlineData("versions", "but the coordinator has TorchSharp 0.1, libtorch 0.2")]
    [InlineData("model", "are not in the folder")]
    [InlineData("damaged model", "are not what was put there")]
    [InlineData("probe", "computes other values by the same model")]
    [InlineData("part", "has no part 'somewhere'")]
    [InlineData("folder", "Give the worker the folder under the path that it has on the coordinator")]
    [InlineData("missing", "is not there. Give the worker the folder")]
    [InlineData("changed", "is not what it was when the run began")]
    [InlineData("cut", "is no Parquet file, was cut")]
    [InlineData("output", "Give the worker the folder")]
    public async Task A_part_that_cannot_be_transformed_alike_fails_by_what_differs(string what, string expected)
    {
        using var parts = new PartsCase(files: 2);
        var blobs = new BlobFolder(parts.Blobs);
        var run = PartRun.Prepare(new(parts.Input, parts.FolderOf("out")), parts.Model, rowsPerPart: 1000, blobs, progress: null, TestToken);
        var right = PartsDocument.Read(blobs, await PartsDocument.PublishAsync(blobs, run));
        var second = right.Parts[1];
        var wrong = what switch
        {
            "format" => right with { Format = 99 },
            "versions" => right with { Versions = "TorchSharp 0.1, libtorch 0.2" },
            "model" => right with { Model = new('0', 64) },
            "probe" => right with { Probe = "another" },
            "folder" => right with { Input = parts.FolderOf("nowhere") },
            "output" => right with { Output = parts.FolderOf("nowhere") },
            _ => right,
        };
        if (what == "damaged model")
            await File.AppendAllTextAsync(Path.Combine(parts.Blobs, right.Model), "!", TestToken);
        if (what == "missing")
            File.Delete(parts.InputOf(1));
        if (what == "changed")
            File.Copy(parts.InputOf(0), parts.InputOf(1), overwrite: true);
        if (what == "cut")
        {
            await File.WriteAllBytesAsync(parts.InputOf(1), (await File.ReadAllBytesAsync(parts.InputOf(1), TestToken))[..^9], TestToken);
            wrong = right with { Parts = [right.Parts[0], second with { Hash = second.Slice.HashOf(parts.InputOf(1)) }] };
        }
        var list = blobs.Put(stream => JsonSerializer.Serialize(stream, wrong));
        var database = server.NewDatabase();
        var store = new JobStore(new(database), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(0.1));
        var job = store.EnqueuePart(list, what == "part" ? "somewhere" : second.Key);
        await using var worker = new InProcessWorker(database, blobs);
        while (!store.Failed().Any(failed => failed.Id == job))
            await Task.Delay(50, TestToken);
        var message = store.Failed().Single().Reason;
        Assert.Contains("refuses the part. ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Directory.EnumerateFiles(parts.FolderOf("out")));
    }

    [Fact]
    public async Task The_coordinator_ends_with_the_error_of_a_worker()
    {
        using var parts = new PartsCase(files: 2);
        var database = server.NewDatabase();
        await using var worker = new InProcessWorker(database, new BlobFolder(parts.FolderOf("other")));
        var error = await Assert.ThrowsAsync<DistributedTrialsException>(
            () => parts.RunAsync("out", cluster: parts.Cluster(database), cancellationToken: TestToken));
        Assert.Contains("give the worker the same store", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Finished parts are kept.", error.Message, StringComparison.Ordinal);
    }
}
