namespace Unlearn.MLNet.Statistics;

/// <summary>A point of a ROC curve.</summary>
internal readonly record struct RocPoint
{
    /// <summary>Share of the easy rows above the threshold, in [0, 1].</summary>
    public required double FalsePositiveRate { get; init; }

    /// <summary>Share of the hard rows above the threshold, in [0, 1].</summary>
    public required double TruePositiveRate { get; init; }
}
