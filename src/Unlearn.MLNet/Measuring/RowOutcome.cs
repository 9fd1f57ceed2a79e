namespace Unlearn.MLNet;

/// <summary>What one trial measured for one forgotten row.</summary>
/// <param name="RowId">Id of the row.</param>
/// <param name="ConfidenceBefore">p_y of the row under the model before unlearning, in [0, 1].</param>
/// <param name="ConfidenceAfter">p_y of the row under the unlearned model, in [0, 1].</param>
public readonly record struct RowOutcome(string RowId, double ConfidenceBefore, double ConfidenceAfter)
{
    /// <summary>log(p_y / (1 − p_y)) under the unlearned model, from the log-softmax, in [−100, 100]; <see langword="null"/> where it was not measured.</summary>
    public double? LogitConfidenceAfter { get; init; }

    /// <summary>
    /// Share of the row's nearest retained rows whose predicted class is no longer that of the model before unlearning, in [0, 1]. Nearest: those of its 20 nearest
    /// in the target's representation that the trial retains; <see langword="null"/> where there are none, or it was not measured.
    /// </summary>
    public double? ChangedNeighbours { get; init; }
}
