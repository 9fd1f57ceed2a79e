using TorchSharp;

namespace Unlearn.Transforms;

/// <summary>
/// A hardness factor: one number per row, computed before any unlearning. No direction is assumed: the data decide whether a high value means hard.
/// Implementations hold no state and are called from several threads at once.
/// </summary>
public interface IHardnessFactor
{
    /// <summary>Name of the factor's column, unique among all factors. Saved models find the factor by this name.</summary>
    string Name { get; }

    /// <summary>Cost tier of the factor.</summary>
    FactorTier Tier { get; }

    /// <summary>Formula and range, as text. f: logits, p = softmax(f), y: true class, ℓ = −log p_y, θ: parameters, x: features, φ: embedding.</summary>
    string Formula { get; }

    /// <summary>Cost per row, as text, without the work that several factors share.</summary>
    string Cost { get; }

    /// <summary>Source of the factor, as text: a paper, or a note that it is our own definition.</summary>
    string Source { get; }

    /// <summary>
    /// Family of the factor, as text. Factors of one family measure nearly the same, and are evaluated together. Default: the factor's own name.
    /// </summary>
    string Family => Name;

    /// <summary>Capabilities that the target must have.</summary>
    TargetCapabilities Requires { get; }

    /// <summary>Whether the factor depends on the row's label.</summary>
    bool NeedsLabel { get; }

    /// <summary>
    /// Whether the factor must recognize training rows: by the row id, or by the features if the data has no ids. Factors of the tiers
    /// <see cref="FactorTier.T2"/> and <see cref="FactorTier.T3"/> need ids.
    /// </summary>
    bool NeedsRowId { get; }

    /// <summary>
    /// Whether the factor needs <see cref="TrainingTrace.GradientCheckpoints"/>, which only <see cref="TorchRecipe.TrainWithGradientTrace"/> records.
    /// Default: <see langword="false"/>.
    /// </summary>
    bool NeedsGradientTrace => false;

    /// <summary>The statistic that the factor learns from the training rows first; <see langword="null"/> for none. Factors may share a statistic.</summary>
    IFactorStatistic? Statistic { get; }

    /// <summary>Computes the factor.</summary>
    /// <param name="batch">The rows, and the values that factors share about them.</param>
    /// <returns>One value per row; it belongs to the caller's dispose scope.</returns>
    torch.Tensor Compute(FactorBatch batch);
}
