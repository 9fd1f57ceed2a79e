using Unlearn.Distributed.Plans;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Running;

namespace Unlearn.Distributed.Jobs;

/// <summary>
/// Has workers settle trials: publishes their plans, adds a job for each batch, and waits until the ledger has them all. A job that was lost is added
/// again. A job that failed for good ends the run with its error.
/// </summary>
/// <param name="cluster">Where the workers are.</param>
/// <param name="ledger">Name of the ledger.</param>
/// <param name="setting">What the trials share.</param>
/// <param name="plans">The plans.</param>
/// <param name="options">How workers deal with failures.</param>
internal sealed class JobExecutor(
    PostgresCluster cluster, string ledger, TrialSetting setting, IReadOnlyList<TrialPlan> plans, TrialRunnerOptions options) : ITrialExecutor
{
    private const int JobsAtOnce = 500;
    private const int SearchesPerTimeout = 4;

    // Hangfire's states of a job that a worker is yet to take.
    private static readonly string[] Waiting = ["Enqueued", "Scheduled", "Awaiting"];

    private sealed class Batch(IReadOnlyList<TrialSpec> trials)
    {
        public string[] Ids { get; } = [.. trials.Select(trial => trial.Id)];

        public string Job { get; set; } = "";

        /// <summary>Since when nobody has been seen to work on it; <see langword="null"/> if somebody does.</summary>
        public long? Abandoned { get; set; }
    }

    /// <inheritdoc/>
    public async Task RunAsync(IReadOnlyList<IReadOnlyList<TrialSpec>> batches, TrialWork work, CancellationToken cancellationToken)
    {
        var store = new JobStore(cluster.Address, cluster.LostJobTimeout, cluster.PollInterval);
        var plan = PlanPublisher.Publish(cluster.Blobs, ledger, setting, plans, options);
        var open = batches.Select(batch => new Batch(batch)).ToList();
        work.LeaveToOthers(batches.SelectMany(batch => batch));
        try
        {
            foreach (var batch in open)
                batch.Job = await RepeatAsync(store, () => store.Enqueue(plan, batch.Ids), cancellationToken).ConfigureAwait(false);
            using var states = cluster.OpenForStates(ledger, cancellationToken);
            var lastWorker = TimeProvider.System.GetTimestamp();
            var lastSearch = lastWorker;
            while (work.CountElsewhere().Count > 0)
            {
                await RepeatAsync(store, () => ThrowIfFailed(store, open), cancellationToken).ConfigureAwait(false);
                if (TimeProvider.System.GetElapsedTime(lastSearch) > cluster.LostJobTimeout / SearchesPerTimeout)
                {
                    await RepeatAsync(store, () => AddLost(store, states, plan, open), cancellationToken).ConfigureAwait(false);
                    lastSearch = TimeProvider.System.GetTimestamp();
                }
                var alive = TimeProvider.System.GetUtcNow().UtcDateTime - cluster.WorkerTimeout;
                if (await RepeatAsync(store, () => store.HasWorkers(alive), cancellationToken).ConfigureAwait(false))
                    lastWorker = TimeProvider.System.GetTimestamp();
                else if (TimeProvider.System.GetElapsedTime(lastWorker) > cluster.WorkerTimeout)
                    throw new DistributedTrialsException(Invariant($"No worker has been connected to the {cluster.Address} for ")
                        + Invariant($"{cluster.WorkerTimeout.TotalSeconds:0} s: start one, which calls DistributedWorker.RunAsync. ")
                        + "Finished trials are kept.");
                await Task.Delay(cluster.PollInterval, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            Withdraw(store, open);
            throw;
        }
    }

    private static bool ThrowIfFailed(JobStore store, List<Batch> open)
    {
        var jobs = open.Select(batch => batch.Job).ToHashSet(StringComparer.Ordinal);
        foreach (var (job, reason) in store.Failed())
            if (jobs.Contains(job))
                throw new DistributedTrialsException($"{reason} Finished trials are kept.");
        return true;
    }

    private bool AddLost(JobStore store, ITrialLedger states, string plan, List<Batch> open)
    {
        // Some at a time, in turn.
        foreach (var batch in open.Take(JobsAtOnce).ToList())
        {
            open.Remove(batch);
            var stands = states.States(batch.Ids);
            if (stands.All(state => state is TrialState.Finished or TrialState.Failed))
                continue;
            open.Add(batch);
            if (stands.Contains(TrialState.Running) || Waiting.Contains(store.StateOf(batch.Job)))
                batch.Abandoned = null;
            else if (batch.Abandoned is not { } since)
                batch.Abandoned = TimeProvider.System.GetTimestamp();
            else if (TimeProvider.System.GetElapsedTime(since) > cluster.LostJobTimeout)
                (batch.Job, batch.Abandoned) = (store.Enqueue(plan, batch.Ids), null);
        }
        return true;
    }

    private static void Withdraw(JobStore store, List<Batch> open)
    {
        try
        {
            open.ForEach(batch => store.Delete(batch.Job));
        }
        catch (Exception)
        {
            // The error that led here is what the caller must hear. Workers find the trials of jobs that stay settled, or settle them.
        }
    }

    private async Task<T> RepeatAsync<T>(JobStore store, Func<T> work, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                return store.Explained(work);
            }
            catch (DistributedTrialsException failure) when (failure.InnerException is { } cause && Database.PostgresAddress.CanPass(cause)
                && TimeProvider.System.GetElapsedTime(start) < cluster.Patience)
            {
                await Task.Delay(cluster.PollInterval, cancellationToken).ConfigureAwait(false);
            }
    }
}
