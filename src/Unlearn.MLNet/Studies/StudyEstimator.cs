using System.Diagnostics;
using Unlearn.MLNet.GroundTruth;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet.Studies;

/// <summary>
/// Estimates the cost of a study: trains the target, calibrates if that is quick, and runs the first batches of trials of each unlearner, one on each worker:
/// on all rows, or on two samples of them where batches are long. Factors are timed on samples, and hardness models on noise.
/// </summary>
/// <param name="options">Options of the study; they were checked.</param>
/// <param name="time">Source of the time.</param>
/// <param name="clock">Times the work.</param>
/// <param name="limits">How long parts of the estimate may take.</param>
internal sealed class StudyEstimator(StudyOptions options, TimeProvider time, WorkClock clock, EstimateLimits limits)
{
    private const double EmptyLedgerBytes = 1e5;
    private const double LedgerOverhead = 1.1; // indexes, pages that are not full

    // Measured: a study peaks at 1.25 to 1.3 times what its estimate does, with hardness models of all rows and the report. Samples' targets take as much.
    private const double MemoryMargin = 1.25;
    private const double MemoryMarginOfSamples = 1;

    /// <summary>Estimates.</summary>
    /// <param name="rows">The rows of the study.</param>
    /// <param name="testRows">Its test rows.</param>
    /// <param name="withModels">Whether factors and hardness models are part of the work.</param>
    /// <param name="progress">Gets a report after every step; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    public async Task<StudyEstimate> RunAsync(
        TrainingRows rows, TrainingRows testRows, bool withModels, IProgress<StudyProgress>? progress, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var setup = options.ToSetup(rows, testRows) with { LedgerPath = null, Cluster = null, Trials = options.Trials with { AllowOtherPlans = true } };
        using var run = new GroundTruthRun(setup, progress, time, cancellationToken);
        var target = await run.TrainTargetAsync(cancellationToken).ConfigureAwait(false);
        var training = Since(started);
        var share = options.Unlearners.Min(plan => Math.Min(plan.ForgetShare, 1 - plan.ForgetShare));
        var samples = limits.Samples(rows.Count, BatchSeconds(run, training), share);
        var work = samples is { } sizes
            ? await new SampledTrials(run, setup, options, limits, time, clock, progress).TimeAsync(sizes, cancellationToken).ConfigureAwait(false)
            : await OnAllRowsAsync(run, rows.Count, progress, cancellationToken).ConfigureAwait(false);

        var counted = new CountedSeconds(options, work.Unlearners);
        var seconds = Enum.GetValues<StudyStage>().ToDictionary(stage => stage, _ => 0.0);
        seconds[StudyStage.Target] = training + work.MeasuringSeconds;
        seconds[StudyStage.Calibration] = work.CalibrationSeconds;
        seconds[StudyStage.Trials] = work.Unlearners.Sum(of => of.WorkerSeconds) / options.Workers + counted.SingleRows();
        if (withModels)
        {
            (seconds[StudyStage.Factors], seconds[StudyStage.Hardness]) = await TorchThreads.RunAsync(
                "Unlearn study", () => new ModelTimer(options, clock, progress).Time(rows, target, cancellationToken)).ConfigureAwait(false);
            seconds[StudyStage.Factors] += counted.ReferenceModels();
        }
        var features = withModels ? (double)rows.Count * rows.FeatureCount * sizeof(float) : 0;
        using var process = Process.GetCurrentProcess();
        return new()
        {
            Workers = options.Workers,
            Seconds = seconds,
            Unlearners = work.Unlearners,
            IsCalibrated = work.IsCalibrated,
            SampledRows = samples?.Large,
            MemoryBytes = (long)((samples is null ? MemoryMargin : MemoryMarginOfSamples) * (process.PeakWorkingSet64 + features + work.ResultBytes)),
            LedgerBytes = (long)(EmptyLedgerBytes + LedgerOverhead * work.ResultBytes),
            EstimationSeconds = Since(started),
        };
    }

    // A trial takes at most about what the target's training does.
    private double BatchSeconds(GroundTruthRun run, double training) => training * options.Unlearners.Sum(plan => run.Batches(run.Plan(plan))[0].Count);

    private async Task<TargetWork> OnAllRowsAsync(GroundTruthRun run, int rows, IProgress<StudyProgress>? progress, CancellationToken cancellationToken)
    {
        var timer = new TrialTimer(run, options.Workers, clock, progress);
        var measuring = await timer.MeasureTargetAsync(cancellationToken).ConfigureAwait(false);
        var estimates = await timer.TimeAsync(options.Unlearners, cancellationToken).ConfigureAwait(false);
        var calibration = new CountedSeconds(options, estimates).Calibration(rows);
        var isCalibrated = calibration <= limits.LongestCalibration;
        if (isCalibrated && calibration > 0)
        {
            (var plans, calibration) = await timer.CalibrateAsync(options.Unlearners, cancellationToken).ConfigureAwait(false);
            var changed = await timer.TimeAsync([.. plans.Except(options.Unlearners)], cancellationToken).ConfigureAwait(false);
            estimates = [.. estimates.Select(of => changed.FirstOrDefault(other => other.Unlearner == of.Unlearner) ?? of)];
        }
        return new() { MeasuringSeconds = measuring.Seconds, CalibrationSeconds = calibration, IsCalibrated = isCalibrated, Unlearners = estimates };
    }

    private double Since(long start) => time.GetElapsedTime(start).TotalSeconds;
}
