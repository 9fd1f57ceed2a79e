using Unlearn.MLNet.Unlearners.Calibration;

namespace Unlearn.MLNet.Trials.Calibration;

/// <summary>What unlearners of one forget share are calibrated to: target and retrained models on the calibration's forget sets.</summary>
/// <param name="forgetSets">The forget sets.</param>
/// <param name="target">The target's measurement of each set.</param>
/// <param name="retrained">The retrained models' measurements of each set.</param>
internal sealed class CalibrationReference(
    IReadOnlyList<int[]> forgetSets, IReadOnlyList<CalibrationMeasurement> target, IReadOnlyList<CalibrationMeasurement[]> retrained)
{
    private const double StandardErrorsOfNoise = 3;

    /// <summary>The forget sets.</summary>
    public IReadOnlyList<int[]> ForgetSets => forgetSets;

    /// <summary>p₀: mean confidence in the forgotten rows under the target.</summary>
    public double TargetConfidence(int sets) => target.Take(sets).Average(of => of.Confidence);

    /// <summary>p_R: mean confidence in the forgotten rows under models retrained without them.</summary>
    public double RetrainedConfidence(int sets) => retrained.Take(sets).Average(models => models.Average(of => of.Confidence));

    /// <summary>Standard error of <see cref="RetrainedConfidence"/>, from the models' scatter within each set.</summary>
    public double RetrainedError(int sets)
    {
        return Math.Sqrt(retrained.Take(sets).Average(SquaredError) / sets);

        static double SquaredError(CalibrationMeasurement[] models)
        {
            var mean = models.Average(of => of.Confidence);
            return models.Sum(of => (of.Confidence - mean) * (of.Confidence - mean)) / (models.Length - 1) / models.Length;
        }
    }

    /// <summary>Accuracy of the target.</summary>
    public ModelAccuracy TargetAccuracy(int sets) => Mean([.. target.Take(sets)]);

    /// <summary>Accuracy of the retrained models.</summary>
    public ModelAccuracy RetrainedAccuracy(int sets) => Mean([.. retrained.Take(sets).SelectMany(models => models)]);

    /// <summary>What the budget counts from: an unlearned model is not to blame for what retraining loses as well.</summary>
    private ModelAccuracy AcceptedAccuracy(int sets) => TargetAccuracy(sets).LowerOf(RetrainedAccuracy(sets));

    /// <summary>Whether retraining moves the confidence by no more than noise.</summary>
    public bool IsBelowNoise(int sets) =>
        TargetConfidence(sets) - RetrainedConfidence(sets) <= Math.Max(StandardErrorsOfNoise * RetrainedError(sets), double.Epsilon);

    /// <summary>What a strength did.</summary>
    /// <param name="strength">The strength.</param>
    /// <param name="measurements">Measurements of the first forget sets, at least one.</param>
    public CalibrationRung ToRung(double strength, IReadOnlyList<CalibrationMeasurement> measurements)
    {
        var (sets, seconds) = (measurements.Count, measurements.Average(of => of.Seconds));
        if (measurements.Select(of => of.Failure).FirstOrDefault(failure => failure is not null) is { } failure)
            return new() { Strength = strength, CpuSeconds = seconds, Failure = failure };
        var confidence = measurements.Average(of => of.Confidence);
        var accuracy = Mean(measurements);
        return new()
        {
            Strength = strength,
            Confidence = confidence,
            UndoneShare = (TargetConfidence(sets) - confidence) / (TargetConfidence(sets) - RetrainedConfidence(sets)),
            Accuracy = accuracy,
            AccuracyLoss = accuracy.LossAgainst(AcceptedAccuracy(sets)),
            CpuSeconds = seconds,
        };
    }

    /// <summary>What the chosen strength did on these forget sets, none of which the search saw.</summary>
    /// <param name="strength">The strength.</param>
    /// <param name="measurements">Measurements of all forget sets.</param>
    public CalibrationCheck ToCheck(double strength, IReadOnlyList<CalibrationMeasurement> measurements)
    {
        var sets = measurements.Count;
        return new()
        {
            ForgetSets = sets,
            TargetConfidence = TargetConfidence(sets),
            RetrainedConfidence = RetrainedConfidence(sets),
            RetrainedError = RetrainedError(sets),
            TargetAccuracy = TargetAccuracy(sets),
            RetrainedAccuracy = RetrainedAccuracy(sets),
            Rung = ToRung(strength, measurements),
        };
    }

    private static ModelAccuracy Mean(IReadOnlyList<CalibrationMeasurement> measurements) =>
        new() { Retained = measurements.Average(of => of.RetainedAccuracy), Test = measurements.Average(of => of.TestAccuracy) };
}
