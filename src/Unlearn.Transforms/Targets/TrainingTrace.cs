using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms;

/// <summary>What was recorded while a target trained, at no extra pass: how each row was classified as it came by in each epoch.</summary>
/// <param name="RowIds">Ids of the rows that were trained on, in the order of the lists below.</param>
/// <param name="Labels">y: their labels, from 0.</param>
/// <param name="Epochs">Mean loss and accuracy of each epoch.</param>
/// <param name="Confidences">For each epoch, p_y of each row at the moment it was trained on, in [0, 1].</param>
/// <param name="Correct">For each epoch, whether each row was classified rightly at that moment: its margin was positive.</param>
/// <param name="Margins">For each epoch, f_y − max_{k≠y} f_k of each row at that moment, f being the logits.</param>
public sealed record TrainingTrace(
    IReadOnlyList<string> RowIds,
    IReadOnlyList<int> Labels,
    IReadOnlyList<TrainingProgress> Epochs,
    IReadOnlyList<float[]> Confidences,
    IReadOnlyList<bool[]> Correct,
    IReadOnlyList<float[]> Margins)
{
    /// <summary>Names of the classes that the labels number, if they are known; see <see cref="ITarget.ClassNames"/>.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>What extra passes recorded of the rows' gradients; <see langword="null"/> unless the target was trained by <see cref="TorchRecipe.TrainWithGradientTrace"/>.</summary>
    public GradientTrace? Gradients { get; init; }
}
