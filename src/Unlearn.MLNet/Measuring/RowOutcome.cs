namespace Unlearn.MLNet.Measuring;

/// <summary>The measurements of one trial for one forgotten row.</summary>
internal readonly record struct RowOutcome
{
    /// <summary>Id of the row.</summary>
    public required string RowId { get; init; }

    /// <summary>p_y of the row under the model before unlearning, in [0, 1].</summary>
    public required double ConfidenceBefore { get; init; }

    /// <summary>p_y of the row under the unlearned model, in [0, 1].</summary>
    public required double ConfidenceAfter { get; init; }

    /// <summary>log(p_y / (1 − p_y)) under the unlearned model, from the log-softmax, in [−100, 100]; <see langword="null"/> if it was not measured.</summary>
    public double? LogitConfidenceAfter { get; init; }

    /// <summary>
    /// Share of the row's nearest retained rows with another predicted class than before unlearning, in [0, 1]. The nearest retained rows are the
    /// retained ones among the row's 20 nearest rows in the target's representation. <see langword="null"/> if there are none, or if the share was
    /// not measured.
    /// </summary>
    public double? ChangedNeighbors { get; init; }
}
