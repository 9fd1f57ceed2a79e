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
    // While trials are timed, workers must not wait for the coordinator.
    private static readonly TimeSpan TimingInterval = TimeSpan.FromSeconds(0.1);

    /// <inheritdoc/>
    public async Task RunAsync(IReadOnlyList<IReadOnlyList<TrialSpec>> batches, TrialWork work, CancellationToken cancellationToken)
    {
        var store = new JobStore(cluster.Address, cluster.LostJobTimeout, cluster.PollInterval);
        var plan = PlanPublisher.Publish(cluster.Blobs, ledger, setting, plans, options);
        var watch = new JobWatch(cluster, store, "trials");
        var dealer = new BatchDealer(batches);
        List<OpenJob<string[]>> open = [];
        work.LeaveToOthers(batches.SelectMany(batch => batch));
        try
        {
            using var states = cluster.OpenForStates(ledger, cancellationToken);
            var firstWorker = (long?)null;
            var (lastLeft, lastResult) = (0, TimeProvider.System.GetTimestamp());
            while (work.CountElsewhere().Count is > 0 and var left)
            {
                if (left != lastLeft)
                    (lastLeft, lastResult) = (left, TimeProvider.System.GetTimestamp());
                else if (TimeProvider.System.GetElapsedTime(lastResult) > cluster.LostJobTimeout)
                {
                    states.ProbeSpace();
                    lastResult = TimeProvider.System.GetTimestamp();
                }
                await watch.CheckFailedAsync(open, cancellationToken).ConfigureAwait(false);
                await watch.AddLostAsync(open, job => StandingOf(job, store, states), cancellationToken).ConfigureAwait(false);
                var workers = await watch.WorkersAsync(cancellationToken).ConfigureAwait(false);
                var waited = firstWorker is { } first ? TimeProvider.System.GetElapsedTime(first) : TimeSpan.Zero;
                foreach (var trials in dealer.Deal(workers, waited, work.MeanSeconds))
                    open.Add(await watch.AddAsync(trials, work => store.Enqueue(plan, work), cancellationToken).ConfigureAwait(false));
                if (workers > 0)
                    firstWorker ??= TimeProvider.System.GetTimestamp();
                var isTiming = workers > 0 && !dealer.IsDone && cluster.PollInterval > TimingInterval;
                await Task.Delay(isTiming ? TimingInterval : cluster.PollInterval, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            watch.Withdraw(open);
            throw;
        }
    }

    private static JobStanding StandingOf(OpenJob<string[]> job, JobStore store, Database.PostgresTrialLedger ledger)
    {
        var trials = ledger.States(job.Work);
        if (trials.All(state => state is TrialState.Finished or TrialState.Failed))
            return JobStanding.Done;
        return trials.Contains(TrialState.Running) || JobStore.Waiting.Contains(store.StateOf(job.Id)) ? JobStanding.InHand : JobStanding.Nowhere;
    }
}
