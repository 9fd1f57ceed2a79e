using Unlearn.Distributed.Database;

namespace Unlearn.Distributed.Jobs;

/// <summary>What a coordinator sees of its jobs and workers, whatever the jobs do.</summary>
/// <param name="cluster">Where the workers are.</param>
/// <param name="store">The jobs.</param>
/// <param name="kept">What is kept when the run ends early, in a word.</param>
internal sealed class JobWatch(PostgresCluster cluster, JobStore store, string kept)
{
    private const int JobsAtOnce = 500;
    private const int SearchesPerTimeout = 4;

    private long _lastWorker = TimeProvider.System.GetTimestamp();
    private long _lastSearch = TimeProvider.System.GetTimestamp();

    /// <summary>Works with the store as often as it takes, up to the cluster's patience.</summary>
    public async Task<T> RepeatAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                return store.Explained(work);
            }
            catch (DistributedTrialsException failure) when (failure.InnerException is { } cause && PostgresAddress.CanPass(cause)
                && TimeProvider.System.GetElapsedTime(start) < cluster.Patience)
            {
                await Task.Delay(cluster.PollInterval, cancellationToken).ConfigureAwait(false);
            }
    }

    /// <summary>Adds a job.</summary>
    public async Task<OpenJob<T>> AddAsync<T>(T work, Func<T, string> add, CancellationToken cancellationToken)
    {
        var job = new OpenJob<T>(work, add);
        await RepeatAsync(
            () =>
            {
                job.Add();
                return true;
            }, cancellationToken).ConfigureAwait(false);
        return job;
    }

    /// <summary>Adds jobs again where Hangfire could not write down where they stand, and ends the run if one has failed for good.</summary>
    /// <exception cref="DistributedTrialsException">One has; the message is its error.</exception>
    public Task CheckFailedAsync(IEnumerable<OpenJob> open, CancellationToken cancellationToken) => RepeatAsync(
        () =>
        {
            var jobs = open.ToDictionary(job => job.Id, StringComparer.Ordinal);
            foreach (var failed in store.Failed())
                if (jobs.TryGetValue(failed.Id, out var job) && !(failed.IsOfStore && job.AddAgain()))
                    throw new DistributedTrialsException($"{failed.Reason} Finished {kept} are kept.");
            return true;
        },
        cancellationToken);

    /// <summary>Adds jobs again that were lost. It looks from time to time, at some of them in turn.</summary>
    /// <param name="open">The jobs. Those that are done are removed.</param>
    /// <param name="standing">Where a job stands.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task AddLostAsync<T>(List<OpenJob<T>> open, Func<OpenJob<T>, JobStanding> standing, CancellationToken cancellationToken)
    {
        if (TimeProvider.System.GetElapsedTime(_lastSearch) <= cluster.LostJobTimeout / SearchesPerTimeout)
            return;
        await RepeatAsync(
            () =>
            {
                foreach (var job in open.Take(JobsAtOnce).ToList())
                {
                    // First, since it fails while the database is away: the job must not be forgotten then.
                    var stands = standing(job);
                    open.Remove(job);
                    if (stands == JobStanding.Done)
                        continue;
                    open.Add(job);
                    if (stands == JobStanding.InHand)
                        job.Abandoned = null;
                    else if (job.Abandoned is not { } since)
                        job.Abandoned = TimeProvider.System.GetTimestamp();
                    else if (TimeProvider.System.GetElapsedTime(since) > cluster.LostJobTimeout)
                        job.Add();
                }
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        _lastSearch = TimeProvider.System.GetTimestamp();
    }

    /// <summary>Jobs that run at once.</summary>
    /// <exception cref="DistributedTrialsException">There has been no worker for too long.</exception>
    public async Task<int> WorkersAsync(CancellationToken cancellationToken)
    {
        var workers = await RepeatAsync(() => store.CountWorkers(cluster.WorkerTimeout), cancellationToken).ConfigureAwait(false);
        if (workers > 0)
            _lastWorker = TimeProvider.System.GetTimestamp();
        else if (TimeProvider.System.GetElapsedTime(_lastWorker) > cluster.WorkerTimeout)
            throw new DistributedTrialsException(Invariant($"No worker has been connected to the {cluster.Address} for ")
                + Invariant($"{cluster.WorkerTimeout.TotalSeconds:0} s: start one, which calls DistributedWorker.RunAsync. ")
                + $"Finished {kept} are kept.");
        return workers;
    }

    /// <summary>Takes jobs away, if that is possible.</summary>
    public void Withdraw(IEnumerable<OpenJob> jobs)
    {
        try
        {
            foreach (var job in jobs)
                store.Delete(job.Id);
        }
        catch (Exception)
        {
            // The error that led here is what the caller must hear. Workers find the work of jobs that stay done, or do it.
        }
    }
}
