using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Hardness;
using Unlearn.MLNet.Hardness.Transfer;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Targets;

namespace Unlearn.MLNet.Studies;

/// <summary>
/// The whole way: trains a target, computes the factors of its rows, unlearns many groups of rows to see how hard each row is,
/// trains hardness models on the factors and scores them.
/// </summary>
/// <param name="options">What to do.</param>
/// <param name="time">Source of the time; the system's by default.</param>
public sealed class HardnessStudy(StudyOptions options, TimeProvider? time = null)
{
    private const int LargestBatch = 256;

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Runs the study. Finished trials are kept in the ledger at once: after a kill or a cancellation, running again goes on from there.</summary>
    /// <param name="rows">The rows to train on and to audit.</param>
    /// <param name="testRows">Rows to test on.</param>
    /// <param name="progress">Told of every step; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches; finished trials stay in the ledger.</param>
    /// <exception cref="ArgumentException">There is no unlearner, two have the same name, or a factor needs reference models that <see cref="StudyOptions.ReferenceModels"/> does not ask for.</exception>
    /// <exception cref="TrialFailedException">Every trial of an unlearner failed.</exception>
    /// <exception cref="TrialLedgerException">
    /// The ledger is damaged, newer, of another application, or holds trials of another study: other rows, recipe, seed or options. It is found before anything is trained.
    /// </exception>
    /// <exception cref="InvalidOperationException">Too many trials failed to score every row.</exception>
    public async Task<StudyResult> RunAsync(TrainingRows rows, TrainingRows testRows, IProgress<StudyProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(testRows);
        var started = _time.GetTimestamp();
        if (options.ReferenceModels == 0 && options.Factors?.Where(factor => factor.Tier == FactorTier.T3).Select(factor => factor.Name).ToList() is [_, ..] referring)
            throw new ArgumentException($"The factors {string.Join(", ", referring)} need reference models: set {nameof(StudyOptions)}.{nameof(StudyOptions.ReferenceModels)}, or leave them out.");

        var targetSeed = Seed.Derive(options.Seed, "target");
        var plans = Plan(rows, testRows, targetSeed);
        PlanCheck.Check(options.Unlearners.Select(plan => plan.Unlearner), plans);
        options.SingleRows?.Check(options.Unlearners, rows.Count);
        using var ledger = new SqliteTrialLedger(options.LedgerPath, _time);
        foreach (var plan in plans)
            ledger.Register(plan, options.Trials.AllowOtherPlans);

        var (target, targetSeconds) = await TimeAsync(() => TrainTarget(rows, targetSeed, progress, cancellationToken)).ConfigureAwait(false);
        using var targetOwner = target;
        var (factors, factorSeconds) = await TimeAsync(() => ComputeFactors(target, rows, progress, cancellationToken)).ConfigureAwait(false);
        var (subject, _) = await TimeAsync(() => new TrialSubject(target, options.Recipe, rows, testRows, _time)).ConfigureAwait(false);

        var trialsStarted = _time.GetTimestamp();
        var runs = await RunTrialsAsync(subject, plans, ledger, progress, cancellationToken).ConfigureAwait(false);
        var checks = await CheckSingleRowsAsync(subject, rows.Ids, runs, progress, cancellationToken).ConfigureAwait(false);
        var trialSeconds = _time.GetElapsedTime(trialsStarted).TotalSeconds;

        var ((unlearners, agreement, groups), hardnessSeconds) = await TimeAsync(() => Evaluate(rows, factors, runs, progress, cancellationToken)).ConfigureAwait(false);
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
            },
            RowIds = rows.Ids,
            Labels = [.. Enumerable.Range(0, rows.Count).Select(rows.LabelAt)],
            ClassNames = options.ClassNames ?? [.. Enumerable.Range(0, rows.ClassCount).Select(k => k.ToString(System.Globalization.CultureInfo.InvariantCulture))],
            Factors = factors,
            Unlearners = unlearners,
            Agreement = agreement,
            Groups = groups,
            SingleRows = [.. checks.Select(check => SingleRowResult.Of(check, rows.Ids, unlearners.First(unlearner => unlearner.Name == check.Unlearner).Evaluation, options.Hardness.HardShare))],
            RankCorrelation = [.. unlearners.Select(a => unlearners.Select(b => RankStatistics.Spearman(a.Scores, b.Scores)).ToArray())],
            Seconds = new() { Total = _time.GetElapsedTime(started).TotalSeconds, Target = targetSeconds, Factors = factorSeconds, Trials = trialSeconds, Hardness = hardnessSeconds },
        };
    }

    // One for each reference model, one for fitting, one for computing.
    private int StepsOfFactors => 2 + options.ReferenceModels;

    private ITarget TrainTarget(TrainingRows rows, long seed, IProgress<StudyProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new() { Stage = StudyStage.Target, Finished = 0, Total = (options.Recipe as TorchRecipe)?.Epochs ?? 1, Detail = "training the target" });
        var epochs = new EpochProgress(progress);
        int[] all = [.. Enumerable.Range(0, rows.Count)];
        return options.Recipe is TorchRecipe torchRecipe && options.Factors?.Any(factor => factor.NeedsGradientTrace) == true
            ? torchRecipe.TrainWithGradientTrace(rows, all, seed, progress: epochs, cancellationToken: cancellationToken)
            : options.Recipe.Train(rows, all, seed, epochs, cancellationToken);
    }

    private IReadOnlyList<FactorColumn> ComputeFactors(ITarget target, TrainingRows rows, IProgress<StudyProgress>? progress, CancellationToken cancellationToken)
    {
        var references = options.ReferenceModels == 0
            ? null
            : ReferenceModels.Train(options.Recipe, rows, options.Seed, options.ReferenceModels, workers: options.Workers, progress: new ReferencesProgress(progress, StepsOfFactors), cancellationToken: cancellationToken);
        progress?.Report(new() { Stage = StudyStage.Factors, Finished = StepsOfFactors - 2, Total = StepsOfFactors, Detail = "fitting" });
        var chosen = options.Factors ?? [.. HardnessFactors.DefaultFor(target), .. HardnessFactors.All.Where(factor => references is not null && factor.Tier == FactorTier.T3)];
        var context = new MLContext(options.Seed);
        var data = rows.ToDataView(context);
        var transformer = context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = target,
            Factors = chosen,
            References = references,
            BatchSize = Math.Min(rows.AtOnce, LargestBatch),
            Seed = options.Seed,
            CancellationToken = cancellationToken,
        }).Fit(data);
        progress?.Report(new() { Stage = StudyStage.Factors, Finished = StepsOfFactors - 1, Total = StepsOfFactors, Detail = "computing" });

        var columns = chosen.Select(_ => new List<float>(rows.Count)).ToList();
        var factors = transformer.Transform(data);
        using var cursor = factors.GetRowCursor([factors.Schema["UnlearnFactors"]]);
        var getter = cursor.GetGetter<VBuffer<float>>(factors.Schema["UnlearnFactors"]);
        var values = default(VBuffer<float>);
        while (cursor.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            getter(ref values);
            for (var i = 0; i < columns.Count; i++)
                columns[i].Add(values.GetValues()[i]);
        }
        progress?.Report(new() { Stage = StudyStage.Factors, Finished = StepsOfFactors, Total = StepsOfFactors, Detail = "computed" });
        return [.. chosen.Select((factor, i) => new FactorColumn { Name = factor.Name, Tier = factor.Tier, Values = columns[i], Family = factor.Family })];
    }

    private TrialPlan[] Plan(TrainingRows rows, TrainingRows testRows, long targetSeed) =>
        [.. options.Unlearners.Select(plan => plan.ToTrials(TrialContext.Of(plan.Unlearner, options.Recipe, targetSeed, rows, testRows), rows.Ids, options.Seed))];

    private async Task<List<UnlearnerRun>> RunTrialsAsync(
        TrialSubject subject, IReadOnlyList<TrialPlan> plans, SqliteTrialLedger ledger, IProgress<StudyProgress>? progress, CancellationToken cancellationToken)
    {
        var unlearners = options.Unlearners.ToDictionary(plan => plan.Unlearner.Name, plan => plan.Unlearner, StringComparer.Ordinal);
        var runner = new TrialRunner(ledger, new InProcessTrialExecutor(options.Workers), _time, options.Trials);
        var run = await runner.RunAsync(plans, new UnlearningTrials(subject, unlearners.Values), new TrialsProgress(progress), cancellationToken).ConfigureAwait(false);
        return [.. plans.Select(plan => new UnlearnerRun { Unlearner = unlearners[plan.Unlearner], Plan = plan, Run = run.Of(plan) })];
    }

    private async Task<List<GroupCheck>> CheckSingleRowsAsync(
        TrialSubject subject, IReadOnlyList<string> rowIds, List<UnlearnerRun> runs, IProgress<StudyProgress>? progress, CancellationToken cancellationToken)
    {
        List<GroupCheck> checks = [];
        if (options.SingleRows is not { } singleRows)
            return checks;
        using var ledger = new SqliteTrialLedger($"{options.LedgerPath}.single-rows", _time);
        // Which rows are checked depends on the groups' scores: more trials of groups may ask for others.
        var runner = new TrialRunner(ledger, new InProcessTrialExecutor(options.Workers), _time, options.Trials with { AllowOtherPlans = true });
        foreach (var name in singleRows.Unlearners)
            checks.Add(await GroupCheck.RunAsync(
                (plans, told, stop) => runner.RunAsync(plans, new UnlearningTrials(subject, options.Unlearners.Select(plan => plan.Unlearner)), told, stop),
                rowIds, runs, name, singleRows.Rows, singleRows.Repetitions, options.Seed, new TrialsProgress(progress, " of single rows"), cancellationToken).ConfigureAwait(false));
        return checks;
    }

    private (IReadOnlyList<UnlearnerResult> Unlearners, UnlearnerAgreement? Agreement, int[] Groups) Evaluate(TrainingRows rows, IReadOnlyList<FactorColumn> factors, List<UnlearnerRun> runs, IProgress<StudyProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new() { Stage = StudyStage.Hardness, Finished = 0, Total = 2, Detail = "looking for near-duplicates" });
        var groups = NearDuplicateGroups.Find(rows.CopyFeatures(), rows.FeatureCount, cancellationToken: cancellationToken);
        var scores = HardnessScorer.Score(rows.Ids, runs);
        progress?.Report(new() { Stage = StudyStage.Hardness, Finished = 1, Total = 2, Detail = "training hardness models" });
        var comparison = HardnessEvaluator.Compare(factors, scores, groups, options.Hardness with { Workers = options.Workers }, options.Seed, cancellationToken);
        progress?.Report(new() { Stage = StudyStage.Hardness, Finished = 2, Total = 2, Detail = "done" });
        return ([.. runs.Zip(comparison.Evaluations, OutcomeTable.Of(rows.Ids, runs)).Select(of => new UnlearnerResult
        {
            Name = of.First.Unlearner.Name,
            Trials = of.First.Run.Results.Count,
            Failures = of.First.Run.Failures,
            RetainedAccuracy = of.First.Run.Results.Average(result => result.RetainedAccuracy),
            TestAccuracy = of.First.Run.Results.Average(result => result.TestAccuracy ?? double.NaN),
            SecondsPerTrial = of.First.Run.Results.Average(result => result.Seconds),
            CpuSecondsPerTrial = of.First.Run.Results.Average(result => result.CpuSeconds) ?? double.NaN,
            PreparationSecondsPerTrial = of.First.Run.Results.Average(result => result.PreparationSeconds) ?? double.NaN,
            Outcomes = of.Third.Columns(),
            Scores = of.Second.Scores,
            Labels = of.Second.Labels,
            Evaluation = of.Second,
        })], comparison.Agreement, groups);
    }

    private async Task<(T Result, double Seconds)> TimeAsync<T>(Func<T> work)
    {
        var start = _time.GetTimestamp();
        var result = await TorchThread.RunAsync(work).ConfigureAwait(false);
        return (result, _time.GetElapsedTime(start).TotalSeconds);
    }

    private sealed class EpochProgress(IProgress<StudyProgress>? progress) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => progress?.Report(new()
        {
            Stage = StudyStage.Target,
            Finished = value.Epoch,
            Total = value.Epochs,
            Detail = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"loss {value.Loss:0.000}, accuracy {value.Accuracy:0.000}"),
        });
    }

    private sealed class ReferencesProgress(IProgress<StudyProgress>? progress, int steps) : IProgress<ReferenceProgress>
    {
        public void Report(ReferenceProgress value) => progress?.Report(new() { Stage = StudyStage.Factors, Finished = value.Finished, Total = steps, Detail = $"{value.Finished} of {value.Total} reference models" });
    }
}
