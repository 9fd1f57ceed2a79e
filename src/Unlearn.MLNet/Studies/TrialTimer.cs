using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;

namespace Unlearn.MLNet.Studies;

/// <summary>Times the work on the target of one run.</summary>
/// <param name="run">The run; its target is trained.</param>
/// <param name="workers">Trials that run at once.</param>
/// <param name="clock">Times the work.</param>
/// <param name="progress">Gets a report before every unlearner; may be <see langword="null"/>.</param>
internal sealed class TrialTimer(GroundTruthRun run, int workers, WorkClock clock, IProgress<StudyProgress>? progress)
{
    private const double ShortestTiming = 2;

    /// <summary>Measures the target, which comes first.</summary>
    /// <returns>What it took.</returns>
    public async Task<WorkTime> MeasureTargetAsync(CancellationToken cancellationToken)
    {
        var start = clock.Start();
        await run.MeasureTargetAsync(cancellationToken).ConfigureAwait(false);
        return clock.Since(start);
    }

    /// <summary>Calibrates unlearners.</summary>
    /// <returns>The plans with calibrated unlearners, and the seconds.</returns>
    public async Task<(IReadOnlyList<UnlearnerPlan> Plans, double Seconds)> CalibrateAsync(
        IReadOnlyList<UnlearnerPlan> plans, CancellationToken cancellationToken)
    {
        var start = clock.Start();
        var (calibrated, _) = await run.CalibrateAsync(plans, cancellationToken).ConfigureAwait(false);
        return (calibrated, clock.Since(start).Seconds);
    }

    /// <summary>Runs the first trials of each unlearner.</summary>
    public async Task<IReadOnlyList<UnlearnerEstimate>> TimeAsync(IReadOnlyList<UnlearnerPlan> plans, CancellationToken cancellationToken)
    {
        List<UnlearnerEstimate> estimates = [];
        foreach (var plan in plans)
        {
            Report(plan.Unlearner.Name);
            estimates.Add(await TimeAsync(plan, cancellationToken).ConfigureAwait(false));
        }
        Report("timed");
        return estimates;

        void Report(string detail) =>
            progress?.Report(new() { Stage = StudyStage.Trials, Finished = estimates.Count, Total = plans.Count, Detail = detail });
    }

    // Rounds of one batch on each worker, until they take two seconds together. The first round compiles, so it counts only where it is the only one.
    private async Task<UnlearnerEstimate> TimeAsync(UnlearnerPlan plan, CancellationToken cancellationToken)
    {
        var all = run.Plan(plan);
        var batches = run.Batches(all);
        var bytes = 0.0;
        List<WorkTime> rounds = [];
        foreach (var round in batches.Chunk(workers))
        {
            if (rounds.Count > 0 && round.Length < workers)
                break;
            var part = new TrialPlan(all.Unlearner, all.Context, all.Deal, [.. round.SelectMany(batch => batch)], all.MinimumCoverage);
            var start = clock.Start();
            var trials = await run.RunTrialsAsync([part], progress: null, cancellationToken).ConfigureAwait(false);
            rounds.Add(clock.Since(start));
            bytes = trials.Results.Average(Bytes);
            if (rounds.Sum(of => of.Seconds) > ShortestTiming)
                break;
        }
        if (rounds.Count > 1)
            rounds.RemoveAt(0);
        return new()
        {
            Unlearner = plan.Unlearner.Name,
            Trials = all.Trials.Count,
            Batches = batches.Count,
            SecondsPerBatch = rounds.Average(of => of.Seconds),
            CpuSecondsPerRound = rounds.Average(of => of.CpuSeconds),
            BytesPerTrial = bytes,
        };
    }

    private static double Bytes(TrialResult result) => OutcomeBytes.Pack(result.Outcomes, new()).Length
        + sizeof(float) * ((result.Steps?.Confidences.Count ?? 0) + (result.AllLogitConfidences?.Count ?? 0) + (result.ShardDisplacements?.Count ?? 0));
}
