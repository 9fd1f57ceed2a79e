namespace Unlearn.MLNet;

/// <summary>A point of a ROC curve.</summary>
/// <param name="FalsePositiveRate">Share of the easy rows above the threshold, in [0, 1].</param>
/// <param name="TruePositiveRate">Share of the hard rows above the threshold, in [0, 1].</param>
public readonly record struct RocPoint(double FalsePositiveRate, double TruePositiveRate);
