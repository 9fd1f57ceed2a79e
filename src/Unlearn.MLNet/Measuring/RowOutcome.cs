namespace Unlearn.MLNet;

/// <summary>What one trial measured for one forgotten row.</summary>
public readonly record struct RowOutcome
{
    /// <summary>Id of the row.</summary>
    public required string RowId { get; init; }

    /// <summary>p_y of the row under the model before unlearning, in [0, 1].</summary>
    public required double ConfidenceBefore { get; init; }

    /// <summary>p_y of the row under the unlearned model, in [0, 1].</summary>
    public required double ConfidenceAfter { get; init; }

    /// <summary>log(p_y / (1 − p_y)) under the unlearned model, from the log-softmax, in [−100, 100]; <see langword="null"/> where it was not measured.</summary>
    public double? LogitConfidenceAfter { get; init; }

    /// <summary>
    /// Share of the row's nearest retained rows whose predicted class is no longer that of the model before unlearning, in [0, 1]. Nearest: those of its 20 nearest
    /// in the target's representation that the trial retains; <see langword="null"/> where there are none, or it was not measured.
    /// </summary>
    public double? ChangedNeighbors { get; init; }
}
