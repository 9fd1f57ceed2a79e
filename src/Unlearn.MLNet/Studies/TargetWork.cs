namespace Unlearn.MLNet.Studies;

/// <summary>What the work on a trained target takes: measuring it, calibrating unlearners to it, and their trials.</summary>
internal sealed record TargetWork
{
    /// <summary>Seconds to measure the target.</summary>
    public required double MeasuringSeconds { get; init; }

    /// <summary>Seconds of the calibration, timed or counted.</summary>
    public required double CalibrationSeconds { get; init; }

    /// <summary>Whether the trials were timed at calibrated strengths.</summary>
    public required bool IsCalibrated { get; init; }

    /// <summary>The trials of each unlearner, in the order of the study.</summary>
    public required IReadOnlyList<UnlearnerEstimate> Unlearners { get; init; }

    /// <summary>Size of all results, in bytes.</summary>
    public double ResultBytes => Unlearners.Sum(of => of.Trials * of.BytesPerTrial);
}
