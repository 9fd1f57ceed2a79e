namespace Unlearn.MLNet;

/// <summary>One strength that a calibration tried. Figures are means over the forget sets.</summary>
public sealed record CalibrationRung
{
    /// <summary>The strength, as in <see cref="IAdjustableUnlearner.WithStrength"/>.</summary>
    public required double Strength { get; init; }

    /// <summary>Mean p_y of the forgotten rows under the unlearned models, in [0, 1]; NaN if one of them diverged.</summary>
    public double Confidence { get; init; } = double.NaN;

    /// <summary>(p₀ − p_u) / (p₀ − p_R) over the mean p_y of the forgotten rows: 0 for doing nothing, 1 for retraining. NaN if a model diverged.</summary>
    public double UndoneShare { get; init; } = double.NaN;

    /// <summary>Accuracy of the unlearned models; NaN if one of them diverged.</summary>
    public ModelAccuracy Accuracy { get; init; } = new() { Retained = double.NaN };

    /// <summary>
    /// Accuracy lost beyond retraining: <see cref="ModelAccuracy.LossAgainst"/> the lower of the target's and the retrained models' accuracy, on retained and
    /// on test rows each its own.
    /// NaN if a model diverged.
    /// </summary>
    public double AccuracyLoss { get; init; } = double.NaN;

    /// <summary>Mean processor seconds of one unlearning.</summary>
    public required double CpuSeconds { get; init; }

    /// <summary>Why there are no figures, such as a divergence; <see langword="null"/> if there are.</summary>
    public string? Failure { get; init; }
}
