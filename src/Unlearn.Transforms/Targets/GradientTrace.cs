namespace Unlearn.Transforms;

/// <summary>What was recorded of the rows' gradients at the ends of some epochs, with the model in evaluation mode.</summary>
/// <param name="Checkpoints">Number of epochs at whose end it was recorded, at least 2; the last epoch is one of them.</param>
/// <param name="SquaredNorms">For each row, Σ_t ‖∇_θ ℓ‖₂² over the checkpoints t.</param>
/// <param name="InputVariances">For each row, the variance of ∂f_y/∂x_i over the checkpoints, averaged over the features i.</param>
public sealed record GradientTrace(int Checkpoints, IReadOnlyList<float> SquaredNorms, IReadOnlyList<float> InputVariances);
