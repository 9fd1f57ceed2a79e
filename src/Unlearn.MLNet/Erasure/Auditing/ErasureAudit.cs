namespace Unlearn.MLNet;

/// <summary>Measures of a model that a method has made, against models that never saw the erased rows.</summary>
public sealed record ErasureAudit
{
    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>Hash of the audited model.</summary>
    public required string ModelHash { get; init; }

    /// <summary>The rows of the request that were not erased before.</summary>
    public required IReadOnlyList<AuditedRow> Rows { get; init; }

    /// <summary>Where the models come from that never saw the rows, in words.</summary>
    public required string References { get; init; }

    /// <summary>Whether the rows were compared with models that never saw them. If not, only accuracy was looked at.</summary>
    public required bool IsMeasured { get; init; }

    /// <summary>Largest residual memory that is accepted.</summary>
    public required double Tolerance { get; init; }

    /// <summary>Share of rows above the tolerance that exact retraining itself has.</summary>
    public required double FalseAlarmRate { get; init; }

    /// <summary>
    /// Rows above the tolerance that are allowed: exact retraining would have more with a probability of at most 1 − confidence, if the rows were independent.
    /// </summary>
    public required int AllowedRows { get; init; }

    /// <summary>Rows above the tolerance.</summary>
    public required int RowsAbove { get; init; }

    /// <summary>95 % interval (Wilson) of the share of rows above the tolerance.</summary>
    public required double ShareAboveLow { get; init; }

    /// <inheritdoc cref="ShareAboveLow"/>
    public required double ShareAboveHigh { get; init; }

    /// <summary>Mean residual memory of the rows; NaN if it was not measured.</summary>
    public required double MeanResidualMemory { get; init; }

    /// <summary>Accuracy on the rows that stay, before and after, in [0, 1].</summary>
    public required double RetainedAccuracyBefore { get; init; }

    /// <inheritdoc cref="RetainedAccuracyBefore"/>
    public required double RetainedAccuracyAfter { get; init; }

    /// <summary>Accuracy on the test rows, before and after, in [0, 1]; NaN without test rows.</summary>
    public double TestAccuracyBefore { get; init; } = double.NaN;

    /// <inheritdoc cref="TestAccuracyBefore"/>
    public double TestAccuracyAfter { get; init; } = double.NaN;

    /// <summary>Share of the rows that stay whose predicted class changed, in [0, 1].</summary>
    public required double ChangedPredictions { get; init; }

    /// <summary>The same among the nearest of the rows that stay, 10 for each erased row.</summary>
    public required double ChangedNeighbors { get; init; }

    /// <summary>Whether the model is accepted.</summary>
    public required bool Passed { get; init; }

    /// <summary>Why, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>Seconds that the audit took, retrainings included.</summary>
    public required double Seconds { get; init; }
}
