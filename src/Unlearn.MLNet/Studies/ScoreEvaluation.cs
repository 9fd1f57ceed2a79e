namespace Unlearn.MLNet;

/// <summary>How well another outcome of an unlearner than its score can be predicted, by the same factors on folds of the same making.</summary>
public sealed record ScoreEvaluation
{
    /// <summary>The outcome that the rows are ranked by.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Number of rows for which both halves of the trials measured it.</summary>
    public required int Rows { get; init; }

    /// <summary>AUC of a hardness model for it, with its interval; NaN with a <see cref="Reason"/>.</summary>
    public required AucEstimate Auc { get; init; }

    /// <summary>Oracle ceiling of its label, in [0.5, 1]; NaN with a <see cref="Reason"/>.</summary>
    public required double Ceiling { get; init; }

    /// <summary>AUC of one half's values against the label of the other half, in [0, 1]; NaN with a <see cref="Reason"/>.</summary>
    public required double Reliability { get; init; }

    /// <summary>Why there is no figure, in words; <see langword="null"/> if there is one.</summary>
    public string? Reason { get; init; }
}
