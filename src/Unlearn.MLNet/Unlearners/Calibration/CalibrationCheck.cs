namespace Unlearn.MLNet;

/// <summary>
/// What the chosen strength does on forget sets of its own, which the search did not see. A search picks its strength by chance as well, so its own
/// figures flatter.
/// </summary>
public sealed record CalibrationCheck
{
    /// <summary>Number of forget sets.</summary>
    public required int ForgetSets { get; init; }

    /// <summary>p₀: mean p_y of the forgotten rows under the target, in [0, 1].</summary>
    public required double TargetConfidence { get; init; }

    /// <summary>p_R: mean p_y of the forgotten rows under models retrained without them, in [0, 1].</summary>
    public required double RetrainedConfidence { get; init; }

    /// <summary>Standard error of <see cref="RetrainedConfidence"/>, from the scatter of retrained models.</summary>
    public required double RetrainedError { get; init; }

    /// <summary>Accuracy of the target.</summary>
    public required ModelAccuracy TargetAccuracy { get; init; }

    /// <summary>Accuracy of the retrained models.</summary>
    public required ModelAccuracy RetrainedAccuracy { get; init; }

    /// <summary>The figures of the chosen strength on these forget sets.</summary>
    public required CalibrationRung Rung { get; init; }
}
