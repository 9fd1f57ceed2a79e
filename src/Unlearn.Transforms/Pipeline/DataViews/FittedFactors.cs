using Unlearn.Transforms.Factors;

namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>What a transformer knows: the fitted factors and the columns that they are read from and written to.</summary>
/// <param name="Model">The target with its fitted factors.</param>
/// <param name="Columns">The columns.</param>
/// <param name="CrossFitted">Out-of-fold factors of the training rows; lost when the transformer is saved.</param>
internal sealed record FittedFactors(FactorModel Model, FactorColumns Columns, CrossFittedModel? CrossFitted = null)
{
    /// <summary>Names of the target's classes: label keys find theirs by them. <see langword="null"/> where they are not known, and keys count.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }
}
