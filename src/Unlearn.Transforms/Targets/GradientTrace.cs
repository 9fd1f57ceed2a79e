namespace Unlearn.Transforms;

/// <summary>Values from the rows' gradients, recorded at the end of some epochs (checkpoints) with the model in evaluation mode.</summary>
public sealed record GradientTrace
{
    /// <summary>Number of checkpoints, at least 2. A checkpoint is the end of an epoch; the last epoch is always a checkpoint.</summary>
    public required int Checkpoints { get; init; }

    /// <summary>For each row, Σ_t ‖∇_θ ℓ‖₂² over the checkpoints t.</summary>
    public required IReadOnlyList<float> SquaredNorms { get; init; }

    /// <summary>For each row, the variance of ∂f_y/∂x_i over the checkpoints, averaged over the features i.</summary>
    public required IReadOnlyList<float> InputVariances { get; init; }
}
