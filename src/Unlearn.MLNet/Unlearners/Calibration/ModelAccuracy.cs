namespace Unlearn.MLNet;

/// <summary>Accuracy of models, as means over the forget sets of a calibration.</summary>
public readonly record struct ModelAccuracy
{
    /// <summary>Accuracy on the retained rows, in [0, 1].</summary>
    public required double Retained { get; init; }

    /// <summary>Accuracy on the test rows, in [0, 1]; <see langword="null"/> without test rows.</summary>
    public double? Test { get; init; }

    /// <summary>How much lower this accuracy is than another: on retained or on test rows, whichever is more. Negative if both are higher.</summary>
    /// <param name="other">The other models' accuracy on the same rows.</param>
    public double LossAgainst(ModelAccuracy other) => Math.Max(other.Retained - Retained, other.Test - Test ?? double.NegativeInfinity);

    /// <summary>The lower accuracy of two models or sets of models: on retained and on test rows, each its own.</summary>
    internal ModelAccuracy LowerOf(ModelAccuracy other) =>
        new() { Retained = Math.Min(Retained, other.Retained), Test = other.Test < Test ? other.Test : Test };
}
