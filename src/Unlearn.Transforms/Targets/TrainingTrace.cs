namespace Unlearn.Transforms.Targets;

/// <summary>What was recorded while a target trained, at no extra pass: the confidence of each row as it came by in each epoch.</summary>
/// <param name="RowIds">Ids of the rows that were trained on, in the order of the lists below.</param>
/// <param name="Epochs">Mean loss and accuracy of each epoch.</param>
/// <param name="Confidences">For each epoch, p_y of each row at the moment it was trained on, in [0, 1].</param>
/// <param name="Correct">For each epoch, whether each row was classified rightly at that moment.</param>
public sealed record TrainingTrace(
    IReadOnlyList<string> RowIds,
    IReadOnlyList<TrainingProgress> Epochs,
    IReadOnlyList<float[]> Confidences,
    IReadOnlyList<bool[]> Correct);
