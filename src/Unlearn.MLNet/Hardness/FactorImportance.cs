namespace Unlearn.MLNet;

/// <summary>
/// Permutation importance (Breiman 2001): what the AUC of the out-of-fold predictions loses when the values of a factor, or of all factors of a family
/// together, are shuffled among the held-out rows of a fold. Factors that say the same thing cover for each other: look at the family as well.
/// </summary>
public sealed record FactorImportance
{
    /// <summary>Name of the factor, or of the family.</summary>
    public required string Name { get; init; }

    /// <summary>Whether a whole family is shuffled, by the same permutation.</summary>
    public required bool IsFamily { get; init; }

    /// <summary>Mean loss of AUC over the permutations, in [−1, 1]; near 0 or below where the model does not use the factor.</summary>
    public required double Loss { get; init; }

    /// <summary>Standard deviation of the loss over the permutations; NaN for a single one.</summary>
    public required double Deviation { get; init; }
}
