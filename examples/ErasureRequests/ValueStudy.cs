using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Cli.Studies;
using Unlearn.MLNet;
using Unlearn.MLNet.Labeling;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>Compares erasure policies on one data set: labels a sample, draws a stream of requests from the other rows, and runs every policy on it.</summary>
/// <param name="data">Training and test rows.</param>
/// <param name="recipe">How the target is trained.</param>
/// <param name="settings">How large the study is.</param>
/// <param name="say">Gets lines of progress.</param>
internal sealed class ValueStudy(StudyData data, TorchRecipe recipe, ValueSettings settings, Action<string> say)
{
    // Cheap to compute for a new model, and what hardness models use most; those of the training trace are recorded anyway.
    private static readonly IHardnessFactor[] Factors =
    [
        HardnessFactors.Loss, HardnessFactors.Confidence, HardnessFactors.Entropy, HardnessFactors.LogitMargin, HardnessFactors.EL2N,
        HardnessFactors.GradientNorm, HardnessFactors.Leverage, HardnessFactors.CentroidDistance, HardnessFactors.Entanglement,
        HardnessFactors.NeighborDistance, HardnessFactors.NeighborDisagreement, HardnessFactors.NearDuplicates,
        HardnessFactors.MeanConfidence, HardnessFactors.ConfidenceVariability, HardnessFactors.ForgettingEvents, HardnessFactors.LearnedEpoch,
        HardnessFactors.AreaUnderMargin,
    ];

    private readonly TorchRecipe _single = recipe with { Stack = 1 };
    private readonly long _targetSeed = Seed.Derive(settings.Seed, "value study target");

    /// <summary>Runs the study.</summary>
    /// <param name="progress">Gets the progress of the label trials.</param>
    /// <param name="finished">Gets the result so far after every policy.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    public async Task<ValueResult> RunAsync(IProgress<StudyProgress> progress, Action<ValueResult> finished, CancellationToken cancellationToken)
    {
        var start = Timed.Now;
        var labels = await new HardnessLabeler(new()
        {
            Recipe = recipe with { Stack = ValueSettings.Stack },
            Unlearners = [new ExactRetraining(), new FineTuning(), new SalUn()],
            TestData = data.TestRows.ToDataView(new MLContext(settings.Seed)),
            ForgetShare = ValueSettings.ForgetShare,
            FirstCoverage = settings.Coverage,
            MaximumTrials = 3 * 2 * (int)Math.Ceiling(settings.Coverage / ValueSettings.ForgetShare),
            Calibration = new() { StrongestStrength = Math.Max(1, recipe.Epochs / 4.0) }, // stronger fine-tuning would take half a retraining
            Seed = settings.Seed,
            TargetSeed = _targetSeed,
            Workers = settings.Workers,
        }).RunAsync(data.Rows.ToDataView(new MLContext(settings.Seed)), progress, cancellationToken).ConfigureAwait(false);
        var labelSeconds = Timed.Now - start;
        var poolSeconds = labels.Trials.Runs[0].Run.Results.Sum(result => result.CpuSeconds ?? result.Seconds);
        foreach (var calibration in labels.Calibrations)
            say(calibration.Explanation);
        return await TorchThreads.RunAsync("Value study", () => Compare(labels, (labelSeconds, poolSeconds), finished, cancellationToken))
            .ConfigureAwait(false);
    }

    private ValueResult Compare(
        HardnessLabels labels, (double Labels, double Pool) seconds, Action<ValueResult> finished, CancellationToken cancellationToken)
    {
        int[] all = [.. Enumerable.Range(0, data.Rows.Count)];
        (_single with { Epochs = 1 }).Train(data.Rows, all, _targetSeed, cancellationToken: cancellationToken).Dispose(); // warms up
        var target = Timed.Run<ITarget>(() => _single.Train(data.Rows, all, _targetSeed, cancellationToken: cancellationToken));
        var groups = NearDuplicateGroups.Of(data.Rows, target.Value, cancellationToken: cancellationToken);
        var (sample, pool) = Halves(groups);
        var stream = RequestStream.Draw(data.Rows, target.Value, pool, settings.Requests, Seed.Derive(settings.Seed, "stream"));
        using ErasureWorld world = new(_single, data.Rows, data.TestRows, target, stream, Seed.Derive(settings.Seed, "world"));
        say(Invariant($"{stream.Count} requests for {stream.Sum(request => request.Rows.Length)} of {data.Rows.Count} rows; ")
            + Invariant($"a training takes {target.Seconds:0.00} s"));

        Judge judge = new(world, settings.JudgeModels, ValueSettings.Stack, settings.Workers, Seed.Derive(settings.Seed, "judge"), cancellationToken);
        say(Invariant($"Judge: tolerance {judge.Tolerance:0.00}; that of the labels {labels.Baselines.Tolerance:0.00}"));
        var view = labels.ToDataView();
        var audit = new Audit(data.Rows, labels.Baselines.Retrained!, labels.Baselines.Tolerance);
        Method[] methods =
            [.. labels.Trials.Runs.Skip(1).Select(run => Measure(run.Unlearner, world, sample, cancellationToken)).OrderBy(method => method.Seconds)];

        // Label trials run in stacks, requests do not.
        var costs = methods.ToDictionary(method => method.Name, method => method.Seconds);
        costs.Add(labels.Trials.Runs[0].Unlearner.Name, target.Seconds);
        var start = Timed.Now;
        var references = ReferenceModels.Train(
            recipe with { Stack = ValueSettings.ReferenceModels }, data.Rows, settings.Seed, ValueSettings.ReferenceModels, workers: 1,
            cancellationToken: cancellationToken);
        var referenceSeconds = Timed.Now - start;
        using var usual = Predictor(Factors, null);
        using var byLoss = Predictor([HardnessFactors.Loss], null);
        using var light = Predictor([.. Factors, HardnessFactors.Memorization, HardnessFactors.MembershipZ], references);

        var result = new ValueResult
        {
            Title = data.Title,
            Settings = settings,
            Rows = data.Rows.Count,
            RequestedRows = stream.Sum(request => request.Rows.Length),
            TargetAccuracy = world.TestAccuracy(target.Value),
            TargetMemory = judge.Memory(target.Value, [.. stream.SelectMany(request => request.Rows).Order()], stream.Count - 1).Average(),
            TrainingSeconds = target.Seconds,
            Methods = methods,
            Tolerance = judge.Tolerance,
            LabelTolerance = labels.Baselines.Tolerance,
            LabelSeconds = seconds.Labels,
            PoolSeconds = seconds.Pool,
            PredictorSeconds = usual.TrainingSeconds,
            ReferenceSeconds = referenceSeconds,
            AuditSeconds = ValueSettings.AuditModels * judge.SecondsPerModel,
            Policies = [],
        };
        foreach (var policy in Policies(methods, usual, byLoss, light))
        {
            var outcome = new Simulation(world, audit, judge, policy, cancellationToken).Run();
            say(Invariant($"{outcome.Policy}: {outcome.Seconds:0.0} s, {outcome.Retrainings} retrainings, {outcome.Audits} audits, mean memory ")
                + Invariant($"{outcome.Memories.Average():0.00}"));
            finished(result = result with { Policies = [.. result.Policies, outcome] });
        }
        return result;

        HardnessPredictor Predictor(IReadOnlyList<IHardnessFactor> factors, ReferenceModels? models)
        {
            HardnessPredictor predictor =
                new(world, view, sample, costs, groups, factors, models, ValueSettings.Confidence, settings.Seed, cancellationToken);
            predictor.Bounds(ProbeOf(sample), ErasureWorld.Start, cancellationToken); // warms up
            return predictor;
        }
    }

    private static IEnumerable<ErasurePolicy> Policies(Method[] methods, HardnessPredictor usual, HardnessPredictor byLoss, HardnessPredictor light) =>
    [
        new FixedPolicy("retrain for each", Route.Retrain),
        new FixedPolicy("retrain in batches", Route.Wait),
        new FixedPolicy("nothing, audit, retrain", Route.Nothing, audits: true, retrainsOnFailure: true),
        new FixedPolicy("nothing, audit, batch", Route.Nothing, audits: true),
        .. methods.Select(method => new FixedPolicy($"{method.Name}, no audit", Route.Unlearn(method.Unlearner))),
        .. methods.Select(method => new FixedPolicy($"{method.Name}, audit, retrain", Route.Unlearn(method.Unlearner), audits: true, retrainsOnFailure: true)),
        .. methods.Select(method => new FixedPolicy($"{method.Name}, audit, batch", Route.Unlearn(method.Unlearner), audits: true)),
        new PredictedPolicy("by loss", byLoss, methods),
        new PredictedPolicy("predicted", usual, methods),
        new PredictedPolicy("predicted, audit, batch", usual, methods, audits: true),
        new PredictedPolicy("predicted, nothing or batch", usual, []),
        new PredictedPolicy("predicted, T3 light", light, methods),
        new OraclePolicy(methods),
    ];

    private static Method Measure(IUnlearner unlearner, ErasureWorld world, int[] sample, CancellationToken cancellationToken)
    {
        var request = ProbeOf(sample);
        world.Unlearn(unlearner, world.Target.Value, request, cancellationToken).Value.Dispose(); // warms up
        var unlearned = world.Unlearn(unlearner, world.Target.Value, request, cancellationToken);
        unlearned.Value.Dispose();
        return new(unlearner, unlearned.Seconds);
    }

    private static StreamRequest ProbeOf(int[] sample) => new(0, RequestStream.DueAfter, RequestKind.Row, [sample[0]]);

    // Near-duplicates are on one side.
    private (int[] Sample, int[] Pool) Halves(int[] groups)
    {
        int[][] members = [.. groups.Select((group, row) => (group, row)).GroupBy(pair => pair.group, pair => pair.row).Select(group => group.ToArray())];
        new SeededRandom(Seed.Derive(settings.Seed, "halves")).Shuffle<int[]>(members);
        List<int> sample = [];
        List<int> pool = [];
        foreach (var group in members)
            (sample.Count <= pool.Count ? sample : pool).AddRange(group);
        sample.Sort();
        return ([.. sample], [.. pool.Order()]);
    }
}
