using Microsoft.ML;
using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Trials.Running;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet.Labeling;

/// <summary>
/// Labels rows by how hard they are to unlearn, by really unlearning them: trains a target, then runs trials until the labels are sure enough or the
/// budget is used up.
/// </summary>
/// <param name="options">What to do.</param>
/// <param name="time">Source of the time; the system's by default.</param>
internal sealed class HardnessLabeler(HardnessLabelingOptions options, TimeProvider? time = null)
{
    private const int TrialsPerRow = 2;

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Labels the rows of a data view.</summary>
    /// <param name="data">The rows that the target is trained on.</param>
    /// <param name="progress">Gets a report after every step, and at the end the reason why the trials stopped; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two rows or batches; finished trials stay in the ledger.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">
    /// Test rows of a class that the rows lack, rows that cannot be trained on, or so many failed trials that a row has no outcome.
    /// </exception>
    /// <exception cref="TrialLedgerException">The ledger cannot be used, or holds trials of other rows, recipes, options or seeds.</exception>
    public async Task<HardnessLabels> RunAsync(IDataView data, IProgress<StudyProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        options.Check();
        using var rows = Read(data, cancellationToken);
        using var readTestRows = options.TestData is null ? null : Read(options.TestData, cancellationToken);
        var testRows = readTestRows?.WithClassesOf(rows, "test rows");
        using var ownedTestRows = ReferenceEquals(testRows, readTestRows) ? null : testRows;
        (options.Recipe as TorchRecipe)?.Check(rows, Enumerable.Range(0, rows.Count).ToArray());
        UnlearnerPlan[] groups = [.. options.Unlearners.Select(unlearner => Groups(unlearner, rows.Count))];
        options.Sufficient.CheckFirstRound(groups.Sum(plan => plan.Trials));
        using var run = new GroundTruthRun(options.ToSetup(rows, testRows), progress, _time, cancellationToken);
        run.RegisterBeforeTraining([.. groups.Where(plan => IsRetrainPool(plan.Unlearner))]);

        await run.TrainTargetAsync(cancellationToken).ConfigureAwait(false);
        var subject = await run.MeasureTargetAsync(cancellationToken).ConfigureAwait(false);
        var (calibrated, calibrations) = await run.CalibrateAsync(groups, cancellationToken).ConfigureAwait(false);
        var plans = await ChooseAsync(run, subject, calibrated, rows.Count, cancellationToken).ConfigureAwait(false);
        var trials = await new AdaptiveTrials(run.RunTrialsAsync, options.Sufficient, _time)
            .RunAsync(rows.Ids, [.. plans.Select(plan => plan.Plan)], run.Context, options.Seed, new TrialsProgress(progress), cancellationToken)
            .ConfigureAwait(false);
        var count = trials.Runs.Sum(of => of.Plan.Trials.Count);
        progress?.Report(new() { Stage = StudyStage.Trials, Finished = count, Total = count, Detail = trials.Describe(), Remaining = TimeSpan.Zero });
        return new()
        {
            RowIdColumnName = options.RowIdColumnName,
            RowIdType = data.Schema[options.RowIdColumnName].Type,
            RowIds = rows.Ids,
            Trials = trials,
            Calibrations = calibrations,
            Modes = [.. plans.Select(plan => plan.Mode)],
            Baselines = HardnessScorer.Baselines(rows.Ids, trials.Runs, subject.TargetLogitConfidences),
            Outcomes = [.. OutcomeTable.Of(rows.Ids, trials.Runs).Select(table => table.Columns())],
        };
    }

    private bool IsRetrainPool(IUnlearner unlearner) => unlearner == UnlearnerSet.RetrainPoolOf(options.Unlearners);

    private UnlearnerPlan Groups(IUnlearner unlearner, int rows)
    {
        var group = Math.Max(1, (int)Math.Round(options.ForgetShare * rows, MidpointRounding.AwayFromZero));
        return new() { Unlearner = unlearner, Trials = 2 * (int)Math.Ceiling(options.FirstCoverage * (double)rows / group), ForgetShare = options.ForgetShare };
    }

    /// <summary>Chooses groups or single rows for each unlearner, in turn: what one takes of all trials is lost to the next.</summary>
    private async Task<IReadOnlyList<(UnlearnerPlan Plan, TrialModeChoice Mode)>> ChooseAsync(
        GroundTruthRun run, TrialSubject subject, IReadOnlyList<UnlearnerPlan> groups, int rows, CancellationToken cancellationToken)
    {
        List<(UnlearnerPlan Plan, TrialModeChoice Mode)> plans = [];
        var room = options.Sufficient.MaximumTrials - groups.Sum(plan => plan.Trials);
        foreach (var plan in groups)
        {
            var mode = await TorchThreads.RunAsync("Unlearn study", () => Choose(run, subject, plan, room, rows, cancellationToken)).ConfigureAwait(false);
            var isSingle = mode.Mode == TrialMode.SingleRow;
            plans.Add((isSingle ? SingleRows(plan) : plan, mode));
            if (isSingle)
                room -= TrialsPerRow * rows - plan.Trials;
        }
        return plans;
    }

    /// <summary>Chooses the kind of trials for one unlearner. If the ledger already has trials of one kind, that kind is chosen.</summary>
    // room: number of trials that may be added to the group trials of all unlearners.
    private TrialModeChoice Choose(GroundTruthRun run, TrialSubject subject, UnlearnerPlan groups, int room, int rows, CancellationToken cancellationToken)
    {
        var unlearner = groups.Unlearner;
        if (IsRetrainPool(unlearner))
            return Chosen(TrialMode.Group, "groups: it is the retrain pool");
        if (!unlearner.IsExact)
            return Chosen(TrialMode.Group, "groups, as the retrain pool that judges it does");
        if (options.SingleRowTime <= TimeSpan.Zero)
            return Chosen(TrialMode.Group, "groups: single rows were ruled out");
        if (TrialsPerRow * rows - groups.Trials > room)
            return Chosen(TrialMode.Group, $"groups, since {rows} single rows take more than is left of {options.Sufficient.MaximumTrials} trials");
        var trials = run.Plan(SingleRows(groups));
        if (run.HasBegun(trials))
            return Chosen(TrialMode.SingleRow, "single rows, as the ledger's trials do");
        if (run.HasBegun(run.Plan(groups)))
            return Chosen(TrialMode.Group, "groups, as the ledger's trials do");

        var procedure = new UnlearningTrials(subject, unlearner);
        TrialSpec[] batch = [.. trials.Trials.Where(trial => trial.Half == 0).Take(procedure.BatchSize(unlearner.Name))];
        procedure.Run(batch, cancellationToken); // the first one warms up
        var start = _time.GetTimestamp();
        var attempts = procedure.Run(batch, cancellationToken);
        return attempts.FirstOrDefault(attempt => attempt.Cause is not null) is { Cause: { } cause }
            ? new()
            {
                Mode = TrialMode.Group,
                SingleRowSeconds = double.NaN,
                Reason = $"{unlearner.Name} forgets groups, since it failed on a single row: {cause.Message}",
            }
            : TrialModeChoice.ByCost(unlearner.Name, rows, TrialsPerRow, _time.GetElapsedTime(start).TotalSeconds / batch.Length, options.SingleRowTime);

        TrialModeChoice Chosen(TrialMode mode, string reason) =>
            new() { Mode = mode, SingleRowSeconds = double.NaN, Reason = $"{unlearner.Name} forgets {reason}." };
    }

    private static UnlearnerPlan SingleRows(UnlearnerPlan groups) => UnlearnerPlan.SingleRows(groups.Unlearner, TrialsPerRow);

    private TrainingRows Read(IDataView data, CancellationToken cancellationToken) => TrainingRows.Read(
        data, options.FeatureColumnName, options.LabelColumnName, options.RowIdColumnName, options.MaximumTextLength, options.StoreFolder,
        cancellationToken.ThrowIfCancellationRequested);
}
