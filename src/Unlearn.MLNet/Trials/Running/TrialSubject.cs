using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Trials.Running;

/// <summary>What all trials of a study share: target, recipe, rows. Runs trials and measures them, from several threads at once.</summary>
/// <remarks>
/// Accuracies and changed predictions are of all rows, unless a trial forgets fewer than 1 % of them: then of up to 256 retained and 256 test rows,
/// 64 of each where the recipe stacks models, spread evenly over all, since a pass over every row would cost more than unlearning a few. Forgotten
/// rows and their neighbors are always looked at.
/// </remarks>
/// <param name="target">The target, trained on all rows.</param>
/// <param name="recipe">How it was trained.</param>
/// <param name="rows">All rows. Their classes must have the order of the target's, if both have names.</param>
/// <param name="testRows">
/// Rows that the target was not trained on; may be <see langword="null"/>. Their classes are matched to the classes of <paramref name="rows"/> by
/// name.
/// </param>
/// <param name="time">Source of the time.</param>
/// <param name="stop">Stops measuring the target.</param>
/// <exception cref="OperationCanceledException">Stopped.</exception>
internal sealed class TrialSubject(
    ITarget target, ITrainingRecipe recipe, TrainingRows rows, TrainingRows? testRows, TimeProvider time, CancellationToken stop = default)
{
    private const double SmallShare = 0.01;
    private const int SampleSize = 256;
    private const int SampleSizeOfStacks = 64;

    private readonly int _sampleSize = StackedUnlearning.BatchSize(target, recipe) > 1 ? SampleSizeOfStacks : SampleSize;
    private readonly Dictionary<string, int> _positions =
        rows.Ids.Select((id, position) => (id, position)).ToDictionary(row => row.id, row => row.position, StringComparer.Ordinal);
    private readonly int[][]? _neighbors = NearestRows.Find(target, rows, stop);
    private readonly ModelAnswers _target = AskOfOwnRows(target, rows, stop);
    private readonly (TrainingRows Rows, ModelAnswers OfTarget)? _test = testRows is null
        ? null
        : AskOfTestRows(target, testRows.WithClassesOf(rows, "test rows"), stop);

    /// <summary>p_y of each row under the target, in [0, 1].</summary>
    public IReadOnlyList<double> TargetConfidences => _target.Confidences;

    /// <summary>log(p_y / (1 − p_y)) of each row under the target, in [−100, 100].</summary>
    public IReadOnlyList<float> TargetLogitConfidences => _target.LogitConfidences;

    /// <summary>Accuracy of the target on its rows, in [0, 1].</summary>
    public double TargetAccuracy => _target.Accuracy;

    /// <summary>Accuracy of the target on the test rows, in [0, 1]; <see langword="null"/> without test rows.</summary>
    public double? TargetTestAccuracy => _test?.OfTarget.Accuracy;

    /// <summary>How the target does on each class of the test rows; <see langword="null"/> without test rows.</summary>
    public ClassRecalls? TargetTestRecalls => _test is { } test ? ClassRecalls.Of(test.OfTarget, test.Rows) : null;

    /// <summary>Positions of each row's nearest rows, nearest first; <see langword="null"/> where the target has no representation.</summary>
    public IReadOnlyList<int[]>? Nearest => _neighbors;

    /// <summary>Runs one trial.</summary>
    /// <param name="unlearner">The unlearner.</param>
    /// <param name="spec">The trial.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public TrialResult Run(IUnlearner unlearner, TrialSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unlearner);
        var (request, recorder) = Watched(spec);
        var (start, cpuStart) = (time.GetTimestamp(), ThreadCpuTime.Seconds);
        using var unlearned = unlearner.Unlearn(request, cancellationToken);
        var (seconds, cpuSeconds) = (time.GetElapsedTime(start).TotalSeconds, ThreadCpuTime.Seconds - cpuStart);
        return Measure(unlearner, spec, recorder, unlearned, Math.Max(0, seconds - recorder.Seconds - (recorder.PreparationSeconds ?? 0)), cpuSeconds is { } cpu
            ? Math.Max(0, cpu - recorder.CpuSeconds - recorder.PreparationCpuSeconds)
            : null);
    }

    /// <summary>How many trials of an unlearner to run at once.</summary>
    /// <param name="unlearner">The unlearner.</param>
    public int BatchSize(IBatchUnlearner unlearner)
    {
        ArgumentNullException.ThrowIfNull(unlearner);
        return unlearner.BatchSize(target, recipe);
    }

    /// <summary>
    /// Runs several trials at once, each at its place in a batch: its number modulo the batch's size. Places without a trial are filled with copies of the
    /// first, so that a trial's result depends neither on which others there are nor on what they ask for.
    /// </summary>
    /// <param name="unlearner">The unlearner.</param>
    /// <param name="specs">The trials: at least one, with as many rows to forget in each, and no two for one place.</param>
    /// <param name="size">Size of the batch.</param>
    /// <param name="cancellationToken">Stops them.</param>
    /// <returns>What came of each, in order. A trial's seconds are its part of the whole batch's.</returns>
    public IReadOnlyList<TrialAttempt> RunMany(IBatchUnlearner unlearner, IReadOnlyList<TrialSpec> specs, int size, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unlearner);
        ArgumentNullException.ThrowIfNull(specs);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        UnlearningRequest[] requests = [.. Enumerable.Repeat(new UnlearningRequest(target, recipe, rows, Forget(specs[0]), specs[0].Seed), size)];
        var recorders = new StepRecorder?[size];
        foreach (var spec in specs)
        {
            var place = spec.Index % size;
            if (recorders[place] is not null)
                throw new ArgumentException($"{spec} has the place of another trial in a batch of {size}.", nameof(specs));
            (requests[place], recorders[place]) = Watched(spec);
        }
        var (start, cpuStart) = (time.GetTimestamp(), ThreadCpuTime.Seconds);
        using var batch = unlearner.UnlearnMany(requests, cancellationToken);
        var (wall, cpu) = (time.GetElapsedTime(start).TotalSeconds, ThreadCpuTime.Seconds - cpuStart);
        var watching = recorders.OfType<StepRecorder>().ToList();
        watching.ForEach(recorder => recorder.SharePreparation(specs.Count));
        var seconds = Math.Max(
            0, wall / specs.Count - watching.Sum(recorder => recorder.Seconds) / specs.Count - watching.Max(recorder => recorder.PreparationSeconds ?? 0));
        var cpuSeconds = cpu is null ? (double?)null
            : Math.Max(0, (cpu.Value - watching.Sum(recorder => recorder.CpuSeconds)) / specs.Count - watching.Max(recorder => recorder.PreparationCpuSeconds));
        return [.. specs.Select(spec => TrialAttempt.Of(() =>
        {
            using var unlearned = batch.Take(spec.Index % size);
            return Measure(unlearner, spec, recorders[spec.Index % size]!, unlearned, seconds, cpuSeconds);
        }, cancellationToken))];
    }

    /// <summary>What a trial asks of its unlearner, and the recorder that watches how it is served.</summary>
    private (UnlearningRequest Request, StepRecorder Recorder) Watched(TrialSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var forget = Forget(spec);
        var recorder = new StepRecorder(forget, time);
        return (new(target, recipe, rows, forget, spec.Seed) { AfterStep = recorder.AfterStep, AfterPreparation = recorder.AfterPreparation }, recorder);
    }

    /// <summary>Measures what a trial's unlearner made.</summary>
    /// <param name="unlearner">The unlearner.</param>
    /// <param name="spec">The trial.</param>
    /// <param name="recorder">What has watched the unlearning.</param>
    /// <param name="unlearned">What the unlearner made; it stays the caller's.</param>
    /// <param name="seconds">Wall-clock seconds of the unlearning: of a batch of trials, this one's part.</param>
    /// <param name="cpuSeconds">Processor seconds of the unlearning, likewise; <see langword="null"/> where unknown.</param>
    private TrialResult Measure(IUnlearner unlearner, TrialSpec spec, StepRecorder recorder, UnlearnedModel unlearned, double seconds, double? cpuSeconds)
    {
        var forget = Forget(spec);
        var isForgotten = forget.ToHashSet();
        var isSmall = forget.Length < SmallShare * rows.Count;
        int[] retained = [.. Sample(rows).Where(position => !isForgotten.Contains(position))];
        var at = isSmall ? Looked(forget, retained) : null;
        var after = ModelAnswers.Of(unlearned.Model, rows, at);
        var before = unlearned.Original is { } original ? ModelAnswers.Of(original, rows, at) : _target;
        return new()
        {
            TrialId = spec.Id,
            Outcomes = [.. forget.Select(position => new RowOutcome
            {
                RowId = rows.Ids[position],
                ConfidenceBefore = before.Confidences[before.IndexOf(position)],
                ConfidenceAfter = after.Confidences[after.IndexOf(position)],
                LogitConfidenceAfter = after.LogitConfidences[after.IndexOf(position)],
                ChangedNeighbors = Share(_neighbors?[position].Where(neighbor => !isForgotten.Contains(neighbor)), IsChanged),
            })],
            RetainedAccuracy = Share(retained, position => after.IsCorrect[after.IndexOf(position)])!.Value,
            TestAccuracy = TestAccuracy(unlearned.Model),
            Seconds = seconds,
            CpuSeconds = cpuSeconds,
            PreparationSeconds = recorder.PreparationSeconds,
            RetainedAccuracyBefore = Share(retained, position => before.IsCorrect[before.IndexOf(position)]),
            TestAccuracyBefore = unlearned.Original is null
                ? _test is not { } test ? null : Share(Sample(test.Rows), position => test.OfTarget.IsCorrect[position])
                : TestAccuracy(unlearned.Original),
            ChangedPredictions = Share(retained, IsChanged),
            ParameterShift = ParameterDistance.Relative(unlearned.Model, unlearned.Original ?? target),
            Steps = recorder.Trace,
            ShardDisplacements = unlearned is { ShardOfRow: { } shards, Original: EnsembleTarget { Members: var members } }
                ? ShardDisplacement.Of(members, shards, rows, isSmall ? forget : null)
                : null,
            AllLogitConfidences = unlearner.MakesRetrainPool && !isSmall ? after.LogitConfidences : null,
        };

        bool IsChanged(int position) => after.Predictions[after.IndexOf(position)] != before.Predictions[before.IndexOf(position)];

        double? TestAccuracy(ITarget model) => _test is not { } test ? null : ModelAnswers.Of(model, test.Rows, isSmall ? Sample(test.Rows) : null).Accuracy;

        int[] Sample(TrainingRows all) => isSmall && all.Count > _sampleSize
            ? [.. Enumerable.Range(0, _sampleSize).Select(i => (int)((long)i * all.Count / _sampleSize))]
            : [.. Enumerable.Range(0, all.Count)];
    }

    private static ModelAnswers AskOfOwnRows(ITarget target, TrainingRows rows, CancellationToken stop)
    {
        ClassOrder.CheckSame(target.ClassNames, rows, nameof(rows));
        return ModelAnswers.Of(target, rows, cancellationToken: stop);
    }

    private static (TrainingRows Rows, ModelAnswers OfTarget) AskOfTestRows(ITarget target, TrainingRows rows, CancellationToken stop) =>
        (rows, ModelAnswers.Of(target, rows, cancellationToken: stop));

    private int[] Forget(TrialSpec spec) => [.. spec.ForgetIds.Select(id => _positions[id])];

    private int[] Looked(int[] forget, int[] retained) =>
        [.. forget.Concat(forget.SelectMany(position => _neighbors?[position] ?? [])).Concat(retained).Distinct().Order()];

    private static double? Share<T>(IEnumerable<T>? items, Func<T, bool> isCounted)
    {
        var (counted, all) = (0, 0);
        foreach (var item in items ?? [])
        {
            all++;
            counted += isCounted(item) ? 1 : 0;
        }
        return all == 0 ? null : counted / (double)all;
    }
}
