namespace Unlearn.MLNet;

/// <summary>What a plan does about one row, and why.</summary>
public sealed record ErasureRowPlan
{
    /// <summary>Id of the row.</summary>
    public required string RowId { get; init; }

    /// <summary>
    /// The cheapest method that is safe for the row: <c>nothing</c>, an unlearner, or the exact one; <c>erased</c> where it was erased before.
    /// </summary>
    public required string Method { get; init; }

    /// <summary>Probability that the row is among the hard ones, in [0, 1]; NaN where it is not known.</summary>
    public double HardProbability { get; init; } = double.NaN;

    /// <summary>Predicted residual memory under <see cref="Method"/>, from 0; 0 under exact ones, NaN where it is not known.</summary>
    public double PredictedResidualMemory { get; init; } = double.NaN;

    /// <summary>Upper bound of the residual memory under <see cref="Method"/>, from 0; 0 under exact ones, NaN where it is not known.</summary>
    public double ResidualMemoryBound { get; init; } = double.NaN;

    /// <summary>Seconds that <see cref="Method"/> costs alone, as the labels measured.</summary>
    public required double Seconds { get; init; }

    /// <summary>Why, in words.</summary>
    public required string Reason { get; init; }
}
