using System.Globalization;
using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Studies;
using Unlearn.MLNet.Trials;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet;

/// <summary>
/// The whole way: trains a target, computes the factors of its rows, unlearns many groups of rows to see how hard each row is,
/// trains hardness models on the factors and scores them.
/// </summary>
/// <param name="options">What to do.</param>
/// <param name="time">Source of the time; the system's by default.</param>
public sealed class HardnessStudy(StudyOptions options, TimeProvider? time = null)
{
    private const int MostRowsForNearest = 10_000; // a result stays small
    private const int ShownNearest = 5;

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Runs the study. Finished trials are kept in the ledger at once: after a kill or a cancellation, running again goes on from there.</summary>
    /// <param name="rows">The rows to train on and to audit.</param>
    /// <param name="testRows">Rows to test on.</param>
    /// <param name="progress">Gets a report after every step; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches; finished trials stay in the ledger.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or options do not go together. It is found before anything is trained.</exception>
    /// <exception cref="TrialFailedException">Every trial of an unlearner failed.</exception>
    /// <exception cref="TrialLedgerException">
    /// The ledger is damaged, newer, of another application, or holds trials of another study: other rows, recipe, seed or options. It is found
    /// before anything is trained.
    /// </exception>
    /// <exception cref="InvalidOperationException">Too many trials failed to score every row.</exception>
    public Task<StudyResult> RunAsync(
        TrainingRows rows, TrainingRows testRows, IProgress<StudyProgress>? progress = null, CancellationToken cancellationToken = default) =>
        OnRowsAsync(rows, testRows, test => RunOnCheckedAsync(rows, test, progress, cancellationToken));

    private async Task<StudyResult> RunOnCheckedAsync(
        TrainingRows rows, TrainingRows testRows, IProgress<StudyProgress>? progress, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        using var run = new GroundTruthRun(options.ToSetup(rows, testRows), progress, _time, cancellationToken);
        run.RegisterBeforeTraining(options.Unlearners);

        var (target, targetSeconds) = await TimeAsync(() => run.TrainTargetAsync(cancellationToken)).ConfigureAwait(false);
        var (factors, factorSeconds) = await TimeAsync(() =>
            TorchThreads.RunAsync("Unlearn study", () => new StudyFactors(options, progress).Compute(target, rows, cancellationToken))).ConfigureAwait(false);
        var subject = await run.MeasureTargetAsync(cancellationToken).ConfigureAwait(false);
        var ((calibrated, calibrations), calibrationSeconds) =
            await TimeAsync(() => run.CalibrateAsync(options.Unlearners, cancellationToken)).ConfigureAwait(false);
        TrialPlan[] plans = [.. calibrated.Select(run.Plan)];
        run.Register(plans);
        var ((runs, scores), trialSeconds) = await TimeAsync(() => run.RunAsync(plans, cancellationToken)).ConfigureAwait(false);
        var (checks, singleRowSeconds) = await TimeAsync(() => CheckSingleRowsAsync(run, rows.Ids, runs, progress, cancellationToken)).ConfigureAwait(false);
        var ((unlearners, agreement, groups), hardnessSeconds) =
            await TimeAsync(() => TorchThreads.RunAsync("Unlearn study", () => Evaluate(rows, target, factors, runs, scores, progress, cancellationToken)))
                .ConfigureAwait(false);
        return new()
        {
            Title = options.Title,
            Seed = options.Seed,
            Workers = options.Workers,
            Target = new()
            {
                Description = options.Recipe.Specification,
                Parameters = (target as TorchTarget)?.ParameterCount,
                Rows = rows.Count,
                TestRows = testRows.Count,
                TrainAccuracy = subject.TargetAccuracy,
                TestAccuracy = subject.TargetTestAccuracy!.Value,
                Recalls = subject.TargetTestRecalls!.Recalls,
                MajorityShare = subject.TargetTestRecalls.MajorityShare,
            },
            RowIds = rows.Ids,
            Labels = [.. Enumerable.Range(0, rows.Count).Select(rows.LabelAt)],
            ClassNames = options.ClassNames
                ?? rows.ClassNames
                ?? [.. Enumerable.Range(0, rows.ClassCount).Select(k => k.ToString(CultureInfo.InvariantCulture))],
            Factors = factors,
            Unlearners = [.. unlearners.Select(
                unlearner => unlearner with { Calibration = calibrations.FirstOrDefault(calibration => calibration.Unlearner == unlearner.Name) })],
            Agreement = agreement,
            Groups = groups,
            NearestRows = rows.Count <= MostRowsForNearest ? [.. (subject.Nearest ?? []).Select(nearest => nearest.Take(ShownNearest).ToArray())] : [],
            SingleRows = [.. checks.Select(check => SingleRowEvaluation.Of(
                check, rows.Ids, unlearners.First(unlearner => unlearner.Name == check.Unlearner).Evaluation, options.Hardness.HardShare))],
            TotalSeconds = _time.GetElapsedTime(started).TotalSeconds,
            Seconds = new Dictionary<StudyStage, double>
            {
                [StudyStage.Target] = targetSeconds,
                [StudyStage.Factors] = factorSeconds,
                [StudyStage.Calibration] = calibrationSeconds,
                [StudyStage.Trials] = trialSeconds + singleRowSeconds,
                [StudyStage.Hardness] = hardnessSeconds,
            },
        };
    }

    /// <summary>
    /// Estimates what the study will cost, before it runs. The target is trained; each unlearner runs one batch of trials on each worker; calibrations of up
    /// to a minute are run; factors and hardness models are timed on samples of the rows. Where batches would take longer than a minute, calibration and
    /// trials are timed on samples, too: see <see cref="StudyEstimate.SampledRows"/>. Nothing is kept.
    /// </summary>
    /// <param name="rows">The rows to train on and to audit.</param>
    /// <param name="testRows">Rows to test on.</param>
    /// <param name="progress">Gets a report after every step; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or options do not go together. It is found before anything is trained.</exception>
    /// <exception cref="TrialFailedException">Every timed trial of an unlearner failed.</exception>
    public Task<StudyEstimate> EstimateAsync(
        TrainingRows rows, TrainingRows testRows, IProgress<StudyProgress>? progress = null, CancellationToken cancellationToken = default) =>
        EstimatePartsAsync(rows, testRows, withModels: true, progress, cancellationToken);

    /// <summary>The same, with or without factors and hardness models.</summary>
    internal Task<StudyEstimate> EstimatePartsAsync(
        TrainingRows rows, TrainingRows testRows, bool withModels, IProgress<StudyProgress>? progress, CancellationToken cancellationToken) =>
        OnRowsAsync(rows, testRows, test =>
            new StudyEstimator(options, _time, new(_time), new()).RunAsync(rows, test, withModels, progress, cancellationToken));

    // Works on test rows with the classes of the rows, after all checks.
    private async Task<T> OnRowsAsync<T>(TrainingRows rows, TrainingRows testRows, Func<TrainingRows, Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(testRows);
        var known = testRows.WithClassesOf(rows, "test rows");
        using var owned = ReferenceEquals(known, testRows) ? null : known;
        options.Check(rows);
        return await work(known).ConfigureAwait(false);
    }

    private async Task<List<SingleRowResult>> CheckSingleRowsAsync(
        GroundTruthRun run, IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs, IProgress<StudyProgress>? progress,
        CancellationToken cancellationToken)
    {
        List<SingleRowResult> checks = [];
        if (options.SingleRows is not { } singleRows)
            return checks;
        using var ledger = run.OpenLedger(".single-rows", cancellationToken);
        // Which rows are checked depends on the groups' scores: more trials of groups may ask for others.
        var trials = options.Trials with { AllowOtherPlans = true };
        foreach (var name in singleRows.Unlearners)
            checks.Add(await GroupCheck.RunAsync(
                (plans, told, stop) => run.RunTrialsAsync(ledger, trials, plans, told, stop),
                rowIds, runs, name, singleRows.Rows, singleRows.Repetitions, options.Seed, new TrialsProgress(progress, " of single rows"), cancellationToken)
                    .ConfigureAwait(false));
        return checks;
    }

    private (IReadOnlyList<UnlearnerResult> Unlearners, UnlearnerAgreement? Agreement, int[] Groups) Evaluate(
        TrainingRows rows, ITarget target, IReadOnlyList<FactorColumn> factors, IReadOnlyList<UnlearnerRun> runs, IReadOnlyList<HardnessScores> scores,
        IProgress<StudyProgress>? progress, CancellationToken cancellationToken)
    {
        Report(0, "looking for near-duplicates");
        var groups = NearDuplicateGroups.Of(rows, target, cancellationToken: cancellationToken);
        Report(1, "training hardness models");
        var hardness = options.Hardness with { Workers = options.Workers };
        int[] classes = [.. Enumerable.Range(0, rows.Count).Select(rows.LabelAt)];
        var comparison = HardnessEvaluator.Compare(factors, scores, groups, hardness, options.Seed, classes, cancellationToken);
        var tables = HardnessScorer.Tables(rows.Ids, runs);
        var pool = UnlearnerRun.RetrainPoolAt(runs);
        var floor = pool < 0 ? double.NaN : tables[0][pool].Values(Outcome.RetrainGap).DefaultIfEmpty(double.NaN).Average();
        UnlearnerResult[] unlearners =
        [
            .. runs.Select((run, i) => UnlearnerResult.Of(run, comparison.Evaluations[i], tables[0][i]) with
            {
                RetrainGapFloor = floor,
                OtherScores = OtherScores.Of(rows.Ids, runs, tables, i, factors, groups, hardness, options.Seed, cancellationToken),
            }),
        ];
        Report(2, "done");
        return (unlearners, comparison.Agreement, groups);

        void Report(int finished, string detail) => progress?.Report(new() { Stage = StudyStage.Hardness, Finished = finished, Total = 2, Detail = detail });
    }

    private async Task<(T Result, double Seconds)> TimeAsync<T>(Func<Task<T>> work)
    {
        var start = _time.GetTimestamp();
        var result = await work().ConfigureAwait(false);
        return (result, _time.GetElapsedTime(start).TotalSeconds);
    }
}
