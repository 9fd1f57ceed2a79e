using Unlearn.MLNet.GroundTruth;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Studies;

/// <summary>Times the work on a target on two samples of the rows, each with a target of its own, and extrapolates it to all rows.</summary>
/// <param name="all">The run on all rows; its target is trained.</param>
/// <param name="setup">What it is made of.</param>
/// <param name="options">Options of the study.</param>
/// <param name="limits">How long a calibration may take.</param>
/// <param name="time">Source of the time.</param>
/// <param name="clock">Times the work.</param>
/// <param name="progress">Gets a report after every step; may be <see langword="null"/>.</param>
internal sealed class SampledTrials(
    GroundTruthRun all, GroundTruthSetup setup, StudyOptions options, EstimateLimits limits, TimeProvider time, WorkClock clock,
    IProgress<StudyProgress>? progress)
{
    private const double NoiseOfTrials = 1.5;

    /// <summary>Times, and extrapolates.</summary>
    /// <param name="sizes">Rows of the samples.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    public async Task<TargetWork> TimeAsync((int Small, int Large) sizes, CancellationToken cancellationToken)
    {
        // The first pass over the small sample compiles. It also tells whether a calibration on the large one is quick.
        var first = await OnAsync(sizes.Small, options.Unlearners, isCalibrated: false, cancellationToken).ConfigureAwait(false);
        var expected = (double)sizes.Large / sizes.Small * new CountedSeconds(options, first.Unlearners).Calibration(sizes.Large);
        var isCalibrated = expected <= limits.LongestCalibration;
        var large = await OnAsync(sizes.Large, options.Unlearners, isCalibrated && expected > 0, cancellationToken).ConfigureAwait(false);
        var small = await OnAsync(sizes.Small, large.Plans, isCalibrated: false, cancellationToken).ConfigureAwait(false);

        UnlearnerEstimate[] unlearners =
            [.. large.Plans.Select((plan, i) => Extrapolate(plan, small.Unlearners[i], large.Unlearners[i]))];
        var calibration = new CountedSeconds(options, unlearners).Calibration(setup.Rows.Count);
        if (large.CalibrationSeconds > 0)
            calibration *= large.CalibrationSeconds / new CountedSeconds(options, large.Unlearners).Calibration(sizes.Large);
        return new()
        {
            MeasuringSeconds = Seconds(small.Measuring, large.Measuring),
            CalibrationSeconds = calibration,
            IsCalibrated = isCalibrated,
            Unlearners = unlearners,
        };

        UnlearnerEstimate Extrapolate(UnlearnerPlan plan, UnlearnerEstimate ofSmall, UnlearnerEstimate ofLarge)
        {
            var trials = all.Plan(plan);
            var bytesPerRow = Math.Max(0, ofLarge.BytesPerTrial - ofSmall.BytesPerTrial) / (sizes.Large - sizes.Small);
            return ofLarge with
            {
                Trials = trials.Trials.Count,
                Batches = all.Batches(trials).Count,
                SecondsPerBatch = Seconds(
                    new(ofSmall.SecondsPerBatch, ofSmall.CpuSecondsPerRound), new(ofLarge.SecondsPerBatch, ofLarge.CpuSecondsPerRound)),
                BytesPerTrial = ofLarge.BytesPerTrial + bytesPerRow * (setup.Rows.Count - sizes.Large),
            };
        }

        double Seconds(WorkTime ofSmall, WorkTime ofLarge) =>
            SampledSeconds.ByProcessor(sizes.Small, ofSmall, sizes.Large, ofLarge, setup.Rows.Count, NoiseOfTrials);
    }

    private async Task<Timed> OnAsync(int count, IReadOnlyList<UnlearnerPlan> plans, bool isCalibrated, CancellationToken cancellationToken)
    {
        using var sample = EstimateLimits.Sample(setup.Rows, count);
        using var testSample = EstimateLimits.Sample(setup.TestRows!, (int)Math.Max(1, (long)setup.TestRows!.Count * count / setup.Rows.Count));
        var told = progress is null ? null : new SampleProgress(progress, count);
        var ofSample = setup with { Rows = sample, TestRows = testSample, Unlearners = [.. plans.Select(plan => plan.Unlearner)], RecordsGradients = false };
        using var run = new GroundTruthRun(ofSample, told, time, cancellationToken);
        await run.TrainTargetAsync(cancellationToken).ConfigureAwait(false);
        var timer = new TrialTimer(run, options.Workers, clock, told);
        var measuring = await timer.MeasureTargetAsync(cancellationToken).ConfigureAwait(false);
        var calibration = 0.0;
        if (isCalibrated)
            (plans, calibration) = await timer.CalibrateAsync(plans, cancellationToken).ConfigureAwait(false);
        var estimates = await timer.TimeAsync(plans, cancellationToken).ConfigureAwait(false);
        return new(plans, measuring, calibration, estimates);
    }

    private sealed class SampleProgress(IProgress<StudyProgress> progress, int rows) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) => progress.Report(value with { Detail = Invariant($"{value.Detail} (sample of {rows:N0} rows)") });
    }

    private sealed record Timed(
        IReadOnlyList<UnlearnerPlan> Plans, WorkTime Measuring, double CalibrationSeconds, IReadOnlyList<UnlearnerEstimate> Unlearners);
}
