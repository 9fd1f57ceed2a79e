namespace Unlearn.Transforms;

/// <summary>Record of a target's training, made without extra passes: how each row was classified when it was trained on in each epoch.</summary>
public sealed record TrainingTrace
{
    /// <summary>Ids of the rows that were trained on, in the order of the lists below.</summary>
    public required IReadOnlyList<string> RowIds { get; init; }

    /// <summary>y: labels of the rows, from 0.</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>Mean loss and accuracy of each epoch.</summary>
    public required IReadOnlyList<TrainingProgress> Epochs { get; init; }

    /// <summary>For each epoch, p_y of each row at the moment it was trained on, in [0, 1].</summary>
    public required IReadOnlyList<float[]> Confidences { get; init; }

    /// <summary>For each epoch, whether each row was classified correctly at that moment: its margin was positive.</summary>
    public required IReadOnlyList<bool[]> Correct { get; init; }

    /// <summary>For each epoch, f_y − max_{k≠y} f_k of each row at that moment, f being the logits.</summary>
    public required IReadOnlyList<float[]> Margins { get; init; }

    /// <summary>Names of the classes that the labels number, if they are known; see <see cref="ITarget.ClassNames"/>.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>
    /// Number of epochs at whose end the rows' gradients were recorded, with the model in evaluation mode (checkpoints). It is at least 2, the last
    /// epoch among them, if the target was trained by <see cref="TorchRecipe.TrainWithGradientTrace"/>, and else 0.
    /// </summary>
    public int GradientCheckpoints { get; init; }

    /// <summary>For each row, Σ_t ‖∇_θ ℓ‖₂² over the checkpoints t; empty without checkpoints.</summary>
    public IReadOnlyList<float> SquaredGradientNorms { get; init; } = [];

    /// <summary>For each row, the variance of ∂f_y/∂x_i over the checkpoints, averaged over the features i; empty without checkpoints.</summary>
    public IReadOnlyList<float> InputGradientVariances { get; init; } = [];
}
