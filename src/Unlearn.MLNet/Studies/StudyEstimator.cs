using System.Diagnostics;
using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Hardness.Evaluation;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Calibration;
using Unlearn.MLNet.Trials.Ledger;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet.Studies;

/// <summary>
/// Estimates the cost of a study: trains the target, calibrates if that is quick, and runs the first batches of trials of each unlearner, one on each worker.
/// Factors and hardness models are timed on two samples of rows.
/// </summary>
/// <param name="options">Options of the study; they were checked.</param>
/// <param name="time">Source of the time.</param>
internal sealed class StudyEstimator(StudyOptions options, TimeProvider time)
{
    private const double LongestCalibration = 60;
    private const double ShortestTiming = 2;
    private const double EmptyLedgerBytes = 1e5;
    private const double LedgerOverhead = 1.1; // indexes, pages that are not full

    // Measured: a study peaks at 1.25 to 1.3 times what its estimate does, with hardness models of all rows and the report.
    private const double MemoryMargin = 1.25;
    private const int SampleShare = 4;
    private const int SmallestSample = 1000;
    private const int LargestSample = 4000;
    private const int RowsForModels = 500;

    private readonly Dictionary<string, double> _bytesPerTrial = new(StringComparer.Ordinal);

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
        var seconds = Enum.GetValues<StudyStage>().ToDictionary(stage => stage, _ => 0.0);
        var target = await run.TrainTargetAsync(cancellationToken).ConfigureAwait(false);
        await run.MeasureTargetAsync(cancellationToken).ConfigureAwait(false);
        seconds[StudyStage.Target] = Since(started);

        var plans = options.Unlearners;
        var estimates = new Dictionary<string, UnlearnerEstimate>(StringComparer.Ordinal);
        foreach (var plan in plans)
            estimates[plan.Unlearner.Name] = await TimeAsync(run, plan, cancellationToken).ConfigureAwait(false);
        seconds[StudyStage.Calibration] = CountCalibration(estimates, rows.Count);
        var isCalibrated = seconds[StudyStage.Calibration] <= LongestCalibration;
        if (isCalibrated && seconds[StudyStage.Calibration] > 0)
        {
            var start = time.GetTimestamp();
            (plans, _) = await run.CalibrateAsync(plans, cancellationToken).ConfigureAwait(false);
            seconds[StudyStage.Calibration] = Since(start);
            foreach (var plan in plans.Where(plan => !options.Unlearners.Contains(plan)))
                estimates[plan.Unlearner.Name] = await TimeAsync(run, plan, cancellationToken).ConfigureAwait(false);
        }
        UnlearnerEstimate[] unlearners = [.. plans.Select(plan => estimates[plan.Unlearner.Name])];
        seconds[StudyStage.Trials] = unlearners.Sum(of => of.WorkerSeconds) / options.Workers + CountSingleRows(estimates);
        if (withModels)
        {
            var samples = Samples(rows.Count);
            (seconds[StudyStage.Factors], seconds[StudyStage.Hardness]) = await TorchThreads.RunAsync(
                "Unlearn study", () => TimeModels(rows, target, samples, cancellationToken)).ConfigureAwait(false);
            seconds[StudyStage.Factors] += options.ReferenceModels * SecondsOfTrial(estimates, Pool()) / options.Workers;
        }
        var features = withModels ? (double)rows.Count * rows.FeatureCount * sizeof(float) : 0;
        var results = plans.Sum(plan => plan.Trials * _bytesPerTrial[plan.Unlearner.Name]);
        using var process = Process.GetCurrentProcess();
        return new()
        {
            Workers = options.Workers,
            Seconds = seconds,
            Unlearners = unlearners,
            IsCalibrated = isCalibrated,
            MemoryBytes = (long)(MemoryMargin * (process.PeakWorkingSet64 + features + results)),
            LedgerBytes = (long)(EmptyLedgerBytes + LedgerOverhead * results),
            EstimationSeconds = Since(started),
        };
    }

    // Rounds of one batch on each worker, until they take two seconds together. The first round compiles, so it counts only where it is the only one.
    private async Task<UnlearnerEstimate> TimeAsync(GroundTruthRun run, UnlearnerPlan plan, CancellationToken cancellationToken)
    {
        var all = run.Plan(plan);
        var batches = run.Batches(all);
        List<double> rounds = [];
        foreach (var round in batches.Chunk(options.Workers))
        {
            if (rounds.Count > 0 && round.Length < options.Workers)
                break;
            var part = new TrialPlan(all.Unlearner, all.Context, all.Deal, [.. round.SelectMany(batch => batch)], all.MinimumCoverage);
            var start = time.GetTimestamp();
            var trials = await run.RunTrialsAsync([part], progress: null, cancellationToken).ConfigureAwait(false);
            rounds.Add(Since(start));
            _bytesPerTrial[plan.Unlearner.Name] = trials.Results.Average(Bytes);
            if (rounds.Sum() > ShortestTiming)
                break;
        }
        return new()
        {
            Unlearner = plan.Unlearner.Name,
            Trials = plan.Trials,
            Batches = batches.Count,
            SecondsPerBatch = rounds.Count == 1 ? rounds[0] : rounds.Skip(1).Average(),
        };
    }

    private static double Bytes(TrialResult result) => OutcomeBytes.Pack(result.Outcomes, new()).Length
        + sizeof(float) * ((result.Steps?.Confidences.Count ?? 0) + (result.AllLogitConfidences?.Count ?? 0) + (result.ShardDisplacements?.Count ?? 0));

    // Six strengths of each unlearner, as its allowance expects.
    private double CountCalibration(Dictionary<string, UnlearnerEstimate> estimates, int rows)
    {
        UnlearnerPlan[] adjustable = [.. options.Unlearners.Where(plan => UnlearnerCalibrator.IsCalibrated(plan.Unlearner))];
        if (options.Calibration is not { } calibration || adjustable.Length == 0 || Pool() is not { } pool)
            return 0;
        var sizes = adjustable.Select(plan => TrialPlanner.GroupSize(rows, plan.ForgetShare)).Distinct().Count();
        var allowance = new CalibrationAllowance(calibration, options.Unlearners.Sum(plan => plan.Trials), adjustable.Length, sizes);
        if (!allowance.Suffices)
            return 0;
        var retrainings = (double)sizes * (allowance.ForgetSets + allowance.CheckSets) * allowance.Retrainings;
        var runs = CalibrationAllowance.ExpectedStrengths * allowance.ForgetSets + allowance.CheckSets;
        return (retrainings * SecondsOfTrial(estimates, pool) + adjustable.Sum(plan => runs * SecondsOfTrial(estimates, plan))) / options.Workers;
    }

    // Both halves forget each row; an approximate unlearner is judged by at least two retrainings in each half.
    private double CountSingleRows(Dictionary<string, UnlearnerEstimate> estimates)
    {
        if (options.SingleRows is not { } single)
            return 0;
        const int Halves = 2;
        const int FewestRetrainings = 2;
        return options.Unlearners.Where(plan => single.Unlearners.Contains(plan.Unlearner.Name)).Sum(plan => Halves * single.Rows
            * (single.Repetitions * SecondsOfTrial(estimates, plan)
                + (plan.Unlearner.IsExact ? 0 : Math.Max(FewestRetrainings, single.Repetitions) * SecondsOfTrial(estimates, Pool())))) / options.Workers;
    }

    private (double Factors, double Hardness) TimeModels(TrainingRows rows, ITarget target, (int Small, int Large) sizes, CancellationToken cancellationToken)
    {
        // Factors of reference models are counted by their trainings.
        var factorOptions = options with
        {
            ReferenceModels = 0,
            Factors = options.Factors?.Where(factor => factor.Tier != FactorTier.T3).ToList() is [_, ..] few ? few : null,
        };
        using var small = Sample(rows, sizes.Small);
        using var large = Sample(rows, sizes.Large);
        var (first, _) = Time(() => Compute(small));
        var (smallSeconds, _) = Time(() => Compute(small));
        var (largeSeconds, _) = Time(() => Compute(large));
        var factors = new SampledSeconds(sizes.Small, smallSeconds, sizes.Large, largeSeconds, Math.Max(0, first - smallSeconds));

        var (smallSearch, _) = Time(() => NearDuplicateGroups.Of(small, target, cancellationToken: cancellationToken));
        var (largeSearch, _) = Time(() => NearDuplicateGroups.Of(large, target, cancellationToken: cancellationToken));
        var search = new SampledSeconds(sizes.Small, smallSearch, sizes.Large, largeSearch, 0);
        return (factors.At(rows.Count), search.At(rows.Count) + TimeHardness(target, rows.Count, cancellationToken));

        IReadOnlyList<FactorColumn> Compute(TrainingRows sample) => new StudyFactors(factorOptions, progress: null).Compute(target, sample, cancellationToken);
    }

    // Everything on few rows, and how it grows with the rows by the models of all factors. Factors and scores are noise, which costs the same.
    private double TimeHardness(ITarget target, int rows, CancellationToken cancellationToken)
    {
        var factors = StudyFactors.Of(options, target);
        var hardness = options.Hardness with { Workers = options.Workers };
        var few = Columns(Math.Min(rows, RowsForModels));
        var compiling = Models(few);
        var ofFew = Models(few);
        var growth = few[0].Values.Count == rows ? 1 : Models(Columns(rows)) / Math.Max(1e-9, ofFew);
        var (exact, _) = Time(() => HardnessEvaluator.Compare(
            few, [Noise(few[0].Values.Count)], Groups(few), hardness, options.Seed, classes: null, cancellationToken));
        // Families of factors are tried for exact unlearners, if there is one.
        var subsets = FactorSubset.Of(few);
        var withoutFamilies = options.Hardness.Subsets ? subsets.Count(subset => !subset.IsOfFamily) / (double)subsets.Count : 1;
        var exactUnlearners = options.Unlearners.Count(plan => plan.Unlearner.IsExact);
        var approximate = exact * (exactUnlearners > 0 ? withoutFamilies : 1) + OtherScores.Count * ofFew;
        var onOthersLabels = options.Unlearners.Count > 1 ? options.Unlearners.Count * ofFew : 0;
        return Math.Max(0, compiling - ofFew)
            + growth * (exactUnlearners * exact + (options.Unlearners.Count - exactUnlearners) * approximate + onOthersLabels);

        double Models(FactorColumn[] columns) => Time(() => HardnessEvaluator.Auc(columns, Noise(columns[0].Values.Count), Groups(columns),
            hardness with { Subsets = false, Permutations = 0 }, options.Seed, cancellationToken)).Seconds;

        FactorColumn[] Columns(int count) =>
            [.. factors.Select((factor, i) => new FactorColumn { Name = factor.Name, Tier = factor.Tier, Family = factor.Family, Values = Draw(count, i) })];

        static int[] Groups(FactorColumn[] columns) => [.. Enumerable.Range(0, columns[0].Values.Count)];
    }

    private HardnessScores Noise(int count)
    {
        double[] Scores(int number) => Array.ConvertAll(Draw(count, -1 - number), value => (double)value);
        return new() { Unlearner = "noise", All = Scores(0), Halves = [Scores(1), Scores(2)] };
    }

    private float[] Draw(int count, int number)
    {
        var random = new SeededRandom(Seed.Derive(options.Seed, "estimate", number));
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble())];
    }

    private static (int Small, int Large) Samples(int rows)
    {
        var large = Math.Min(rows, Math.Clamp(rows / SampleShare, SmallestSample, LargestSample));
        return (large / 2, large);
    }

    // Rows spread evenly, which keep their order.
    private static TrainingRows Sample(TrainingRows rows, int count) =>
        rows.Only([.. Enumerable.Range(0, count).Select(i => (int)((long)i * rows.Count / count))]);

    private UnlearnerPlan? Pool() => options.Unlearners.FirstOrDefault(plan => plan.Unlearner.MakesRetrainPool);

    private static double SecondsOfTrial(Dictionary<string, UnlearnerEstimate> estimates, UnlearnerPlan? plan) =>
        plan is null ? 0 : estimates[plan.Unlearner.Name].WorkerSeconds / plan.Trials;

    private (double Seconds, T Result) Time<T>(Func<T> work)
    {
        var start = time.GetTimestamp();
        var result = work();
        return (Since(start), result);
    }

    private double Since(long start) => time.GetElapsedTime(start).TotalSeconds;
}
