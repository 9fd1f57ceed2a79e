namespace Unlearn.MLNet;

/// <summary>Area under a ROC curve (AUC), or a difference of two, with its 95 % confidence interval.</summary>
public readonly record struct AucEstimate
{
    /// <summary>The area, in [0, 1]; a difference is in [−1, 1].</summary>
    public required double Value { get; init; }

    /// <summary>Lower end of the interval; NaN where it cannot be estimated.</summary>
    public required double Low { get; init; }

    /// <summary>Upper end of the interval; NaN where it cannot be estimated.</summary>
    public required double High { get; init; }
}
