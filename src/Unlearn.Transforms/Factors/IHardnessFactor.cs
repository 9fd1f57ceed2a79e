using TorchSharp;

namespace Unlearn.Transforms;

/// <summary>
/// A hardness factor: one number per row, computed before any unlearning. No direction is assumed: whether high means hard, the data decide.
/// Implementations hold no state of their own, and are called from several threads at once.
/// </summary>
public interface IHardnessFactor
{
    /// <summary>Name of the column, unique among all factors; saved models find the factor again by it.</summary>
    string Name { get; }

    /// <summary>What it costs.</summary>
    FactorTier Tier { get; }

    /// <summary>Its formula and range, in text. f: logits, p = softmax(f), y: true class, ℓ = −log p_y, θ: parameters, x: features, φ: embedding.</summary>
    string Formula { get; }

    /// <summary>What it costs for a row, in text, without what several factors share.</summary>
    string Cost { get; }

    /// <summary>Where it comes from, in text: a paper, or that it is our own definition.</summary>
    string Source { get; }

    /// <summary>What kind of factor it is, in text: factors of a family measure nearly the same, and are evaluated together. Its own name if not said otherwise.</summary>
    string Family => Name;

    /// <summary>What the target must be able to do.</summary>
    TargetCapabilities Requires { get; }

    /// <summary>Whether it depends on the row's label.</summary>
    bool NeedsLabel { get; }

    /// <summary>
    /// Whether it must know which training row a row is: by the row id, or by the features where the data has no ids. Factors of the tiers
    /// <see cref="FactorTier.T2"/> and <see cref="FactorTier.T3"/> ask for ids.
    /// </summary>
    bool NeedsRowId { get; }

    /// <summary>Whether it needs <see cref="TrainingTrace.Gradients"/>, which only <see cref="TorchRecipe.TrainWithGradientTrace"/> records. <see langword="false"/> if not said otherwise.</summary>
    bool NeedsGradientTrace => false;

    /// <summary>What it learns from the training rows before it can be computed; <see langword="null"/> for nothing. Factors may share one.</summary>
    IFactorStatistic? Statistic { get; }

    /// <summary>Computes the factor.</summary>
    /// <param name="batch">The rows, and what factors share about them.</param>
    /// <returns>One value per row; it belongs to the caller's dispose scope.</returns>
    torch.Tensor Compute(FactorBatch batch);
}
