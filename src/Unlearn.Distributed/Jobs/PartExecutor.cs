using Unlearn.Distributed.Parts;

namespace Unlearn.Distributed.Jobs;

/// <summary>
/// Has workers transform parts: publishes list and model, adds a job for each part, and waits until all files are there. A job that was lost is added
/// again. A job that failed for good ends the run with its error.
/// </summary>
/// <param name="cluster">Where the workers are.</param>
/// <param name="run">The parts.</param>
internal sealed class PartExecutor(PostgresCluster cluster, PartRun run)
{
    /// <summary>Has the parts transformed.</summary>
    /// <exception cref="DistributedTrialsException">A worker refuses a part, there is none, or the database cannot be used.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (run.Pending.Count == 0)
            return;
        var store = new JobStore(cluster.Address, cluster.LostJobTimeout, cluster.PollInterval);
        var list = await PartsDocument.PublishAsync(cluster.Blobs, run).ConfigureAwait(false);
        var watch = new JobWatch(cluster, store, "parts");
        List<OpenJob<ParquetPart>> open = [];
        try
        {
            foreach (var part in run.Pending)
                open.Add(await watch.AddAsync(part, work => store.EnqueuePart(list, work.Key), cancellationToken).ConfigureAwait(false));
            while (true)
            {
                Settle(open);
                if (open.Count == 0)
                    return;
                await watch.CheckFailedAsync(open, cancellationToken).ConfigureAwait(false);
                await watch.AddLostAsync(open, job => StandingOf(job, store), cancellationToken).ConfigureAwait(false);
                await watch.WorkersAsync(cancellationToken).ConfigureAwait(false);
                await Task.Delay(cluster.PollInterval, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            watch.Withdraw(open);
            throw;
        }
    }

    private void Settle(List<OpenJob<ParquetPart>> open)
    {
        var there = run.Folders.Outputs();
        foreach (var job in open.Where(job => there.Contains(job.Work.Name) && run.Folders.IsDone(job.Work)).ToList())
        {
            open.Remove(job);
            run.Finished();
        }
    }

    // A worker that has died is Hangfire's matter.
    private static JobStanding StandingOf(OpenJob<ParquetPart> job, JobStore store) =>
        store.StateOf(job.Id) is { } state && (state is "Processing" or "Failed" || JobStore.Waiting.Contains(state))
            ? JobStanding.InHand
            : JobStanding.Nowhere;
}
