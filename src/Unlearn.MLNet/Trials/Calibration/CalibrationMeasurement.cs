using System.Text.Json;

namespace Unlearn.MLNet.Trials.Calibration;

/// <summary>What a calibration measures of one unlearned model.</summary>
internal sealed record CalibrationMeasurement
{
    /// <summary>Mean p_y of the forgotten rows, in [0, 1].</summary>
    public double Confidence { get; init; }

    /// <summary>Accuracy on the retained rows, in [0, 1].</summary>
    public double RetainedAccuracy { get; init; }

    /// <summary>Accuracy on the test rows, in [0, 1]; <see langword="null"/> without test rows.</summary>
    public double? TestAccuracy { get; init; }

    /// <summary>Processor seconds of the unlearning; wall-clock seconds where the processor's are unknown.</summary>
    public double Seconds { get; init; }

    /// <summary>Why there is no model; <see langword="null"/> if there is one.</summary>
    public string? Failure { get; init; }

    /// <summary>
    /// Whether the failure is that of the strength, a divergence. Others, such as an architecture that the unlearner does not work with, would come
    /// with any strength.
    /// </summary>
    public bool IsDivergence { get; init; }

    /// <summary>The accuracies.</summary>
    public ModelAccuracy Accuracy => new() { Retained = RetainedAccuracy, Test = TestAccuracy };

    /// <summary>The measurement as a text for a ledger.</summary>
    public string ToText() => JsonSerializer.Serialize(new { Confidence, RetainedAccuracy, TestAccuracy, Seconds, Failure, IsDivergence });

    /// <summary>The measurement of a text.</summary>
    public static CalibrationMeasurement Parse(string text) => JsonSerializer.Deserialize<CalibrationMeasurement>(text)!;
}
