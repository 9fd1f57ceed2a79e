using Unlearn.Distributed.Plans;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Running;

namespace Unlearn.Distributed.Jobs;

/// <summary>
/// Has workers settle trials: publishes their plans, adds jobs of one or more batches (<see cref="BatchDealer"/>), and waits until the ledger has all
/// trials. A job that was lost is added again. A job that failed for good ends the run with its error.
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
    private const int StoreFailuresAllowed = 5;

    // Hangfire's states of a job that a worker is yet to take.
    private static readonly string[] Waiting = ["Enqueued", "Scheduled", "Awaiting"];

    // While trials are timed, workers must not wait for the coordinator.
    private static readonly TimeSpan TimingInterval = TimeSpan.FromSeconds(0.1);

    private sealed class OpenJob(string[] trials, string id)
    {
        public string[] Trials { get; } = trials;

        public string Id { get; set; } = id;

        /// <summary>How often Hangfire could not write down where the job stands.</summary>
        public int StoreFailures { get; set; }

        /// <summary>Since when nobody has been seen to work on it; <see langword="null"/> if somebody does.</summary>
        public long? Abandoned { get; set; }
    }

    /// <inheritdoc/>
    public async Task RunAsync(IReadOnlyList<IReadOnlyList<TrialSpec>> batches, TrialWork work, CancellationToken cancellationToken)
    {
        var store = new JobStore(cluster.Address, cluster.LostJobTimeout, cluster.PollInterval);
        var plan = PlanPublisher.Publish(cluster.Blobs, ledger, setting, plans, options);
        var dealer = new BatchDealer(batches);
        List<OpenJob> open = [];
        work.LeaveToOthers(batches.SelectMany(batch => batch));
        try
        {
            using var states = cluster.OpenForStates(ledger, cancellationToken);
            var firstWorker = (long?)null;
            var lastWorker = TimeProvider.System.GetTimestamp();
            var lastSearch = lastWorker;
            var (lastLeft, lastResult) = (0, lastWorker);
            while (work.CountElsewhere().Count is > 0 and var left)
            {
                if (left != lastLeft)
                    (lastLeft, lastResult) = (left, TimeProvider.System.GetTimestamp());
                else if (TimeProvider.System.GetElapsedTime(lastResult) > cluster.LostJobTimeout)
                {
                    states.ProbeSpace();
                    lastResult = TimeProvider.System.GetTimestamp();
                }
                await RepeatAsync(store, () => CheckFailed(store, plan, open), cancellationToken).ConfigureAwait(false);
                if (TimeProvider.System.GetElapsedTime(lastSearch) > cluster.LostJobTimeout / SearchesPerTimeout)
                {
                    await RepeatAsync(store, () => AddLost(store, states, plan, open), cancellationToken).ConfigureAwait(false);
                    lastSearch = TimeProvider.System.GetTimestamp();
                }
                var workers = await RepeatAsync(store, () => store.CountWorkers(cluster.WorkerTimeout), cancellationToken).ConfigureAwait(false);
                var waited = firstWorker is { } first ? TimeProvider.System.GetElapsedTime(first) : TimeSpan.Zero;
                foreach (var trials in dealer.Deal(workers, waited, work.MeanSeconds))
                    open.Add(new(trials, await RepeatAsync(store, () => store.Enqueue(plan, trials), cancellationToken).ConfigureAwait(false)));
                if (workers > 0)
                {
                    lastWorker = TimeProvider.System.GetTimestamp();
                    firstWorker ??= lastWorker;
                }
                else if (TimeProvider.System.GetElapsedTime(lastWorker) > cluster.WorkerTimeout)
                    throw new DistributedTrialsException(Invariant($"No worker has been connected to the {cluster.Address} for ")
                        + Invariant($"{cluster.WorkerTimeout.TotalSeconds:0} s: start one, which calls DistributedWorker.RunAsync. ")
                        + "Finished trials are kept.");
                var isTiming = workers > 0 && !dealer.IsDone && cluster.PollInterval > TimingInterval;
                await Task.Delay(isTiming ? TimingInterval : cluster.PollInterval, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            Withdraw(store, open);
            throw;
        }
    }

    private static bool CheckFailed(JobStore store, string plan, List<OpenJob> open)
    {
        var jobs = open.ToDictionary(job => job.Id, StringComparer.Ordinal);
        foreach (var failed in store.Failed())
            if (jobs.TryGetValue(failed.Id, out var job))
            {
                if (!failed.IsOfStore || job.StoreFailures == StoreFailuresAllowed)
                    throw new DistributedTrialsException($"{failed.Reason} Finished trials are kept.");
                job.Id = store.Enqueue(plan, job.Trials);
                job.StoreFailures++;
            }
        return true;
    }

    private bool AddLost(JobStore store, Database.PostgresTrialLedger states, string plan, List<OpenJob> open)
    {
        // Some at a time, in turn.
        foreach (var job in open.Take(JobsAtOnce).ToList())
        {
            open.Remove(job);
            var stands = states.States(job.Trials);
            if (stands.All(state => state is TrialState.Finished or TrialState.Failed))
                continue;
            open.Add(job);
            if (stands.Contains(TrialState.Running) || Waiting.Contains(store.StateOf(job.Id)))
                job.Abandoned = null;
            else if (job.Abandoned is not { } since)
                job.Abandoned = TimeProvider.System.GetTimestamp();
            else if (TimeProvider.System.GetElapsedTime(since) > cluster.LostJobTimeout)
                (job.Id, job.Abandoned) = (store.Enqueue(plan, job.Trials), null);
        }
        return true;
    }

    private static void Withdraw(JobStore store, List<OpenJob> open)
    {
        try
        {
            open.ForEach(job => store.Delete(job.Id));
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
