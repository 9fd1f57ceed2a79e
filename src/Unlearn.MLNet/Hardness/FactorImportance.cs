namespace Unlearn.MLNet;

/// <summary>
/// Permutation importance (Breiman 2001): what the AUC of the out-of-fold predictions loses when the values of a factor, or of all factors of a family
/// together, are shuffled among the held-out rows of a fold. Factors that say the same thing cover for each other: look at the family as well.
/// </summary>
/// <param name="Name">Name of the factor, or of the family.</param>
/// <param name="IsFamily">Whether a whole family is shuffled, by the same permutation.</param>
/// <param name="Loss">Mean loss of AUC over the permutations; near 0 or below where the model does not use it.</param>
/// <param name="Deviation">Standard deviation of the loss over the permutations; NaN for a single one.</param>
public sealed record FactorImportance(string Name, bool IsFamily, double Loss, double Deviation);
