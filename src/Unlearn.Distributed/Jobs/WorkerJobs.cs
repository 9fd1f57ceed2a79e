using Hangfire;
using Unlearn.Distributed.Database;
using Unlearn.Distributed.Parts;
using Unlearn.Distributed.Plans;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Running;

namespace Unlearn.Distributed.Jobs;

/// <summary>What a worker does: makes plans and what they share again, once, and settles the trials of its jobs, or transforms their part.</summary>
/// <param name="address">The database.</param>
/// <param name="options">Options of the worker.</param>
/// <param name="name">Name of the worker, for messages.</param>
/// <param name="cancellationToken">Ends waiting for the database.</param>
internal sealed class WorkerJobs(
    PostgresAddress address, DistributedWorkerOptions options, string name, CancellationToken cancellationToken) : JobActivator, IDisposable
{
    private const int Settings = 2;
    private const int Plans = 8;

    private readonly SharedItems<RestoredSetting> _settings = new(Settings);
    private readonly SharedItems<PlanInUse> _plans = new(Plans);
    private readonly SharedItems<RestoredParts> _parts = new(Settings);

    // A plan is light, its setting heavy: a plan that is not used keeps no setting.
    private sealed record PlanInUse(TrialsDocument Document, PostgresTrialLedger Ledger) : IDisposable
    {
        public RestoredTrials? Trials { get; set; }

        public void Dispose() => Ledger.Dispose();
    }

    /// <inheritdoc/>
    public override object ActivateJob(Type jobType) => jobType == typeof(PartJob) ? new PartJob(Transform) : new TrialJob(Run);

    /// <inheritdoc/>
    public void Dispose()
    {
        _plans.Dispose();
        _settings.Dispose();
        _parts.Dispose();
    }

    private void Run(string plan, string[] trials, CancellationToken jobToken)
    {
        try
        {
            _plans.Use(plan, () => Open(plan), opened => _settings.Use(
                opened.Document.Setting,
                () => RestoredSetting.Load(options.Blobs, opened.Document.Setting, options.Recipes),
                setting => Settle(opened, setting, trials, jobToken)));
        }
        catch (DistributedTrialsException refusal)
        {
            throw new DistributedTrialsException($"Worker '{name}' refuses the trials. {refusal.Message}", refusal);
        }
    }

    private void Transform(string list, string part, CancellationToken cancellationToken)
    {
        try
        {
            _parts.Use(list, () => RestoredParts.Load(options.Blobs, list), parts => parts.Transform(part, cancellationToken));
        }
        catch (DistributedTrialsException refusal)
        {
            throw new DistributedTrialsException($"Worker '{name}' refuses the part. {refusal.Message}", refusal);
        }
    }

    private PlanInUse Open(string plan)
    {
        var document = TrialsDocument.Read(options.Blobs, plan);
        document.CheckVersions();
        return new(document, new PostgresTrialLedger(address, document.Ledger, cancellationToken: cancellationToken) { LeaseDuration = options.Timeout });
    }

    private static void Settle(PlanInUse plan, RestoredSetting setting, string[] ids, CancellationToken cancellationToken)
    {
        RestoredTrials restored;
        lock (plan)
            restored = plan.Trials = plan.Trials is { } known && known.Setting == setting ? known : new(plan.Document, setting);
        IReadOnlyList<TrialSpec> trials = restored.Find(ids);
        var retries = new TrialRunnerOptions { Retries = plan.Document.Retries, RetryDelay = plan.Document.RetryDelay };
        var tally = new TrialTally([.. trials.Zip(plan.Ledger.States(ids))], TimeProvider.System, progress: null);
        var work = new TrialWork(plan.Ledger, retries, TimeProvider.System, restored.Procedure, tally);
        var executor = new InProcessTrialExecutor(1);
        // Until nothing is left: a trial may be claimed by a worker that is dead, and free only when its lease has expired.
        while (trials.Count > 0)
        {
            executor.RunAsync(TrialBatches.Of(trials, restored.Procedure), work, cancellationToken).GetAwaiter().GetResult();
            trials = work.WaitForOthersAsync(cancellationToken).GetAwaiter().GetResult();
        }
    }
}
