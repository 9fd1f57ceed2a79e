namespace Unlearn.Examples.ErasureRequests;

/// <summary>What a value study found on one data set. Seconds are processor seconds.</summary>
internal sealed record ValueResult
{
    public required string Title { get; init; }

    public required ValueSettings Settings { get; init; }

    /// <summary>Training rows.</summary>
    public required int Rows { get; init; }

    public required int RequestedRows { get; init; }

    /// <summary>Test accuracy of the target, in [0, 1].</summary>
    public required double TargetAccuracy { get; init; }

    /// <summary>Mean residual memory of the requested rows in the target.</summary>
    public required double TargetMemory { get; init; }

    /// <summary>Seconds of the target's training.</summary>
    public required double TrainingSeconds { get; init; }

    public required IReadOnlyList<Method> Methods { get; init; }

    /// <summary>95 % quantile of the judging models' own residual memory.</summary>
    public required double Tolerance { get; init; }

    /// <summary>The same of the labels' retrained models: what policies know.</summary>
    public required double LabelTolerance { get; init; }

    /// <summary>Seconds of all labels with their calibration.</summary>
    public required double LabelSeconds { get; init; }

    /// <summary>Part of them for the exact retrainings, which audits use.</summary>
    public required double PoolSeconds { get; init; }

    /// <summary>Seconds of the hardness model with its factors.</summary>
    public required double PredictorSeconds { get; init; }

    /// <summary>Seconds of the reference models of tier T3 light.</summary>
    public required double ReferenceSeconds { get; init; }

    /// <summary>Seconds of an audit that trains models of its own.</summary>
    public required double AuditSeconds { get; init; }

    /// <summary>The policies that are finished.</summary>
    public required IReadOnlyList<PolicyOutcome> Policies { get; init; }
}
