using Microsoft.ML;
using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Studies;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms.Targets;

namespace Unlearn.MLNet.Labelling;

/// <summary>Labels rows by how hard they are to unlearn, by really unlearning them: trains a target, then runs trials until the labels are sure enough or the budget is used up.</summary>
/// <param name="options">What to do.</param>
/// <param name="time">Source of the time; the system's by default.</param>
public sealed class HardnessLabeller(HardnessLabellingOptions options, TimeProvider? time = null)
{
    private const int TrialsPerRow = 2;

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Labels the rows of a data view.</summary>
    /// <param name="data">The rows that the target is trained on.</param>
    /// <param name="progress">Told of every step, at last of what stopped the trials; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches; finished trials stay in the ledger.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">Rows that cannot be trained on, or so many failed trials that a row has no outcome.</exception>
    /// <exception cref="TrialLedgerException">The ledger cannot be used, or holds trials of other rows, recipes, options or seeds.</exception>
    public async Task<HardnessLabels> RunAsync(IDataView data, IProgress<StudyProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        options.Check();
        using var rows = Read(data);
        using var testRows = options.TestData is null ? null : Read(options.TestData);
        var temporary = options.LedgerPath is null ? Directory.CreateTempSubdirectory("unlearn-") : null;
        try
        {
            using var ledger = new SqliteTrialLedger(options.LedgerPath ?? Path.Combine(temporary!.FullName, "trials.db"), _time);
            return await RunAsync(rows, testRows, data.Schema[options.RowIdColumnName].Type, ledger, progress, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            temporary?.Delete(recursive: true);
        }
    }

    private async Task<HardnessLabels> RunAsync(
        TrainingRows rows, TrainingRows? testRows, Microsoft.ML.Data.DataViewType rowIdType, SqliteTrialLedger ledger, IProgress<StudyProgress>? progress, CancellationToken cancellationToken)
    {
        var targetSeed = options.TargetSeed ?? Seed.Derive(options.Seed, "target");
        progress?.Report(new() { Stage = StudyStage.Target, Finished = 0, Total = 1, Detail = "training" });
        using var target = await TorchThread.RunAsync(() => options.Recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), targetSeed, cancellationToken: cancellationToken)).ConfigureAwait(false);
        var subject = await TorchThread.RunAsync(() => new TrialSubject(target, options.Recipe, rows, testRows, _time)).ConfigureAwait(false);
        progress?.Report(new() { Stage = StudyStage.Target, Finished = 1, Total = 1, Detail = "trained" });

        List<(UnlearnerPlan Plan, TrialModeChoice Mode)> plans = [];
        var groups = options.Unlearners.Select(unlearner => Groups(unlearner, rows.Count)).ToList();
        var room = options.Sufficient.MaximumTrials - groups.Sum(plan => plan.Trials);
        foreach (var plan in groups)
        {
            plans.Add(await TorchThread.RunAsync(() => Plan(plan, room, rows, subject, ledger, Context, cancellationToken)).ConfigureAwait(false));
            if (plans[^1].Mode.Mode == TrialMode.SingleRow)
                room -= TrialsPerRow * rows.Count - plan.Trials;
        }

        var unlearners = options.Unlearners.ToDictionary(unlearner => unlearner.Name, StringComparer.Ordinal);
        var runner = new TrialRunner(ledger, new InProcessTrialExecutor(options.Workers), _time, options.Trials);
        var trials = await new AdaptiveTrials((round, told, stop) => runner.RunAsync(round, new UnlearningTrials(subject, unlearners.Values), told, stop), options.Sufficient, _time)
            .RunAsync(rows.Ids, [.. plans.Select(plan => plan.Plan)], Context, options.Seed, new TrialsProgress(progress), cancellationToken).ConfigureAwait(false);
        var count = trials.Runs.Sum(run => run.Plan.Trials.Count);
        progress?.Report(new() { Stage = StudyStage.Trials, Finished = count, Total = count, Detail = trials.Describe(), Remaining = TimeSpan.Zero });
        return new()
        {
            RowIdColumnName = options.RowIdColumnName,
            RowIdType = rowIdType,
            RowIds = rows.Ids,
            Trials = trials,
            Modes = [.. plans.Select(plan => plan.Mode)],
            Outcomes = [.. OutcomeTable.Of(rows.Ids, trials.Runs).Select(table => table.Columns())],
        };

        TrialContext Context(IUnlearner unlearner) => TrialContext.Of(unlearner, options.Recipe, targetSeed, rows, testRows);
    }

    private UnlearnerPlan Groups(IUnlearner unlearner, int rows)
    {
        var share = unlearner.IsExact ? options.ExactForgetShare : options.ForgetShare;
        var group = Math.Max(1, (int)Math.Round(share * rows, MidpointRounding.AwayFromZero));
        return new() { Unlearner = unlearner, Trials = 2 * (int)Math.Ceiling(options.FirstCoverage * (double)rows / group), ForgetShare = share };
    }

    /// <summary>The first round of an unlearner. A ledger that has trials of either kind has made the choice.</summary>
    // room: trials that may be added to those of the groups of all unlearners.
    private (UnlearnerPlan Plan, TrialModeChoice Mode) Plan(
        UnlearnerPlan groups, int room, TrainingRows rows, TrialSubject subject, SqliteTrialLedger ledger, Func<IUnlearner, TrialContext> context, CancellationToken cancellationToken)
    {
        var unlearner = groups.Unlearner;
        if (unlearner == UnlearnerSet.RetrainPoolOf(options.Unlearners))
            return (groups, new() { Mode = TrialMode.Group, SingleRowSeconds = double.NaN, Reason = $"{unlearner.Name} forgets groups: it is the retrain pool." });
        if (options.SingleRowTime <= TimeSpan.Zero)
            return (groups, new() { Mode = TrialMode.Group, SingleRowSeconds = double.NaN, Reason = $"{unlearner.Name} forgets groups: single rows were ruled out." });
        if (TrialsPerRow * rows.Count - groups.Trials > room)
            return (groups, new() { Mode = TrialMode.Group, SingleRowSeconds = double.NaN, Reason = $"{unlearner.Name} forgets groups, since {rows.Count} single rows take more than is left of {options.Sufficient.MaximumTrials} trials." });

        var singleRows = UnlearnerPlan.SingleRows(unlearner, TrialsPerRow);
        var trials = singleRows.ToTrials(context(unlearner), rows.Ids, options.Seed);
        if (HasBegun(trials))
            return (singleRows, new() { Mode = TrialMode.SingleRow, SingleRowSeconds = double.NaN, Reason = $"{unlearner.Name} forgets single rows, as the ledger's trials do." });
        if (HasBegun(groups.ToTrials(context(unlearner), rows.Ids, options.Seed)))
            return (groups, new() { Mode = TrialMode.Group, SingleRowSeconds = double.NaN, Reason = $"{unlearner.Name} forgets groups, as the ledger's trials do." });

        var procedure = new UnlearningTrials(subject, unlearner);
        TrialSpec[] batch = [.. trials.Trials.Where(trial => trial.Half == 0).Take(procedure.BatchSize(unlearner.Name))];
        procedure.Run(batch, cancellationToken); // the first one warms up
        var start = _time.GetTimestamp();
        var attempts = procedure.Run(batch, cancellationToken);
        if (attempts.FirstOrDefault(attempt => attempt.Cause is not null) is { Cause: { } cause })
            return (groups, new() { Mode = TrialMode.Group, SingleRowSeconds = double.NaN, Reason = $"{unlearner.Name} forgets groups, since it failed on a single row: {cause.Message}" });
        var choice = TrialModeChoice.ByCost(unlearner.Name, rows.Count, TrialsPerRow, _time.GetElapsedTime(start).TotalSeconds / batch.Length, options.SingleRowTime);
        return (choice.Mode == TrialMode.SingleRow ? singleRows : groups, choice);

        bool HasBegun(TrialPlan plan) => ledger.States([.. plan.Trials.Select(trial => trial.Id)]).Any(state => state is TrialState.Finished or TrialState.Failed);
    }

    private TrainingRows Read(IDataView data) => TrainingRows.FromDataView(data, options.FeatureColumnName, options.LabelColumnName, options.RowIdColumnName);
}
