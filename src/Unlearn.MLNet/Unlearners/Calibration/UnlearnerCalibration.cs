namespace Unlearn.MLNet;

/// <summary>
/// The strength of an approximate unlearner, found on forget sets and seeds that no trial uses. It is the strength at which the forgotten rows' mean
/// confidence equals that of retrained models,
/// within a budget of accuracy. If there is none, the calibration says what it chose instead.
/// </summary>
public sealed record UnlearnerCalibration
{
    /// <summary>Name of the unlearner.</summary>
    public required string Unlearner { get; init; }

    /// <summary>How the calibration ended.</summary>
    public required CalibrationVerdict Verdict { get; init; }

    /// <summary>The verdict in a sentence.</summary>
    public required string Explanation { get; init; }

    /// <summary>The strength that the trials use; 1 stands for the unlearner's own options.</summary>
    public required double Strength { get; init; }

    /// <summary>What the strength scales, as in <see cref="IAdjustableUnlearner.StrengthScales"/>; empty if the unlearner is not adjustable.</summary>
    public string StrengthScales { get; init; } = "";

    /// <summary>Specification of the unlearner that the trials use.</summary>
    public required string Specification { get; init; }

    /// <summary>Rows in each forget set, the check's included.</summary>
    public int ForgottenRows { get; init; }

    /// <summary>Number of forget sets that each strength was tried on.</summary>
    public int ForgetSets { get; init; }

    /// <summary>Number of exact retrainings without each forget set.</summary>
    public int Retrainings { get; init; }

    /// <summary>p₀: mean p_y of the forgotten rows under the target, in [0, 1]; NaN if nothing was measured.</summary>
    public double TargetConfidence { get; init; } = double.NaN;

    /// <summary>p_R: mean p_y of the forgotten rows under models retrained without them, in [0, 1]; NaN if nothing was measured.</summary>
    public double RetrainedConfidence { get; init; } = double.NaN;

    /// <summary>Standard error of <see cref="RetrainedConfidence"/>, from the scatter of retrained models; NaN if nothing was measured.</summary>
    public double RetrainedError { get; init; } = double.NaN;

    /// <summary>Accuracy of the target.</summary>
    public ModelAccuracy TargetAccuracy { get; init; } = new() { Retained = double.NaN };

    /// <summary>Accuracy of the retrained models.</summary>
    public ModelAccuracy RetrainedAccuracy { get; init; } = new() { Retained = double.NaN };

    /// <summary>Every strength that was tried, ascending.</summary>
    /// <value>Default none.</value>
    public IReadOnlyList<CalibrationRung> Rungs { get; init; } = [];

    /// <summary>The chosen strength on forget sets that the search did not see; <see langword="null"/> if no strength could be tried.</summary>
    public CalibrationCheck? Check { get; init; }

    /// <summary>
    /// The share that the chosen strength undoes of what retraining undoes, on forget sets that the search did not see; NaN if that is unknown.
    /// </summary>
    public double UndoneShare => Check?.Rung.UndoneShare ?? double.NaN;

    /// <summary>
    /// Accuracy lost beyond retraining at the chosen strength, as <see cref="CalibrationRung.AccuracyLoss"/>, on forget sets that the search did not see;
    /// NaN if that is unknown.
    /// </summary>
    public double AccuracyLoss => Check?.Rung.AccuracyLoss ?? double.NaN;

    /// <summary>The options that the calibration followed.</summary>
    public required CalibrationOptions Options { get; init; }

    /// <summary>
    /// The strength that the trials use, with the search's own figures, by which it was selected; <see langword="null"/> if it was not tried.
    /// </summary>
    public CalibrationRung? Chosen => Rungs.FirstOrDefault(rung => rung.Strength == Strength);
}
