using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Trials.Calibration;

/// <summary>What all runs of a calibration share: target, recipe, rows. Runs unlearners and measures their models, from several threads at once.</summary>
/// <param name="target">The target, trained on all rows.</param>
/// <param name="recipe">How it was trained.</param>
/// <param name="rows">All rows.</param>
/// <param name="testRows">
/// Rows that the target was not trained on; may be <see langword="null"/>. Their classes are matched to the classes of <paramref name="rows"/> by
/// name.
/// </param>
/// <param name="time">Source of the time.</param>
/// <param name="stop">Stops measuring the target.</param>
/// <exception cref="OperationCanceledException">Stopped.</exception>
internal sealed class CalibrationSubject(
    ITarget target, ITrainingRecipe recipe, TrainingRows rows, TrainingRows? testRows, TimeProvider time, CancellationToken stop = default)
{
    private readonly TrainingRows? _testRows = testRows?.WithClassesOf(rows, "test rows");
    private readonly ModelAnswers _target = ModelAnswers.Of(target, rows, cancellationToken: stop);
    private readonly double? _targetTestAccuracy = testRows is null
        ? null
        : ModelAnswers.Of(target, testRows.WithClassesOf(rows, "test rows"), cancellationToken: stop).Accuracy;

    /// <summary>Ids of the rows.</summary>
    public IReadOnlyList<string> RowIds => rows.Ids;

    /// <summary>Number of models that an unlearner makes at once.</summary>
    public int BatchSize(IUnlearner unlearner) => unlearner is IBatchUnlearner batches ? batches.BatchSize(target, recipe) : 1;

    /// <summary>Measures the target on a forget set.</summary>
    public CalibrationMeasurement MeasureTarget(int[] forget) => Measure(_target, _targetTestAccuracy, forget, seconds: 0);

    /// <summary>
    /// Unlearns forget sets and measures the models. A model that cannot be made is a failure; a failure that another try may mend is thrown.
    /// </summary>
    /// <param name="unlearner">The unlearner.</param>
    /// <param name="requests">Forget sets and seeds: one, or as many as the unlearner serves at once.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>One measurement for each request, in order.</returns>
    public CalibrationMeasurement[] Run(IUnlearner unlearner, IReadOnlyList<(int[] Forget, long Seed)> requests, CancellationToken cancellationToken)
    {
        UnlearningRequest[] asked = [.. requests.Select(request => new UnlearningRequest(target, recipe, rows, request.Forget, request.Seed))];
        var (start, cpuStart) = (time.GetTimestamp(), ThreadCpuTime.Seconds);
        try
        {
            using var batch = asked.Length > 1 && unlearner is IBatchUnlearner batches
                ? batches.UnlearnMany(asked, cancellationToken)
                : One(unlearner, asked.Single(), cancellationToken);
            var seconds = Seconds() / asked.Length;
            return [.. requests.Select((request, i) =>
            {
                try
                {
                    using var unlearned = batch.Take(i);
                    return Measure(ModelAnswers.Of(unlearned.Model, rows), _testRows is null ? null : ModelAnswers.Of(unlearned.Model, _testRows).Accuracy,
                        request.Forget, seconds);
                }
                catch (Exception cause) when (IsLasting(cause, cancellationToken))
                {
                    return Failure(cause, seconds);
                }
            })];
        }
        catch (Exception cause) when (IsLasting(cause, cancellationToken))
        {
            return [.. requests.Select(_ => Failure(cause, Seconds() / asked.Length))];
        }

        double Seconds() => ThreadCpuTime.Seconds - cpuStart ?? time.GetElapsedTime(start).TotalSeconds;
    }

    private static UnlearnedBatch One(IUnlearner unlearner, UnlearningRequest request, CancellationToken cancellationToken) =>
        UnlearnedBatch.Of([unlearner.Unlearn(request, cancellationToken)], [null]);

    private CalibrationMeasurement Measure(ModelAnswers answers, double? testAccuracy, int[] forget, double seconds)
    {
        var confidence = forget.Average(position => answers.Confidences[position]);
        if (!double.IsFinite(confidence))
            return new() { Seconds = seconds, Failure = "A confidence is not a finite number: the model diverged.", IsDivergence = true };
        var correct = answers.IsCorrect.Count(isCorrect => isCorrect) - forget.Count(position => answers.IsCorrect[position]);
        return new()
        {
            Confidence = confidence,
            RetainedAccuracy = correct / (double)(rows.Count - forget.Length),
            TestAccuracy = testAccuracy,
            Seconds = seconds,
        };
    }

    private static bool IsLasting(Exception cause, CancellationToken cancellationToken) =>
        !TrialAttempt.IsCancellation(cause, cancellationToken) && !TrialFailure.CanPass(cause);

    private static CalibrationMeasurement Failure(Exception cause, double seconds) =>
        new() { Seconds = seconds, Failure = TrialFailure.Describe(cause), IsDivergence = cause is TrainingDivergedException };
}
