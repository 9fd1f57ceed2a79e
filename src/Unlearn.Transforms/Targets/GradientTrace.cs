namespace Unlearn.Transforms;

/// <summary>What was recorded of the rows' gradients at the ends of some epochs, with the model in evaluation mode.</summary>
public sealed record GradientTrace
{
    /// <summary>Number of epochs at whose end the trace was recorded, at least 2; the last epoch is one of them.</summary>
    public required int Checkpoints { get; init; }

    /// <summary>For each row, Σ_t ‖∇_θ ℓ‖₂² over the checkpoints t.</summary>
    public required IReadOnlyList<float> SquaredNorms { get; init; }

    /// <summary>For each row, the variance of ∂f_y/∂x_i over the checkpoints, averaged over the features i.</summary>
    public required IReadOnlyList<float> InputVariances { get; init; }
}
