namespace Unlearn.MLNet;

/// <summary>
/// An approximate unlearner beside the null unlearner, which returns the target. Both are scored by the residual memory that they leave, from halves
/// of the trials that share nothing. An unlearner whose label doing nothing explains has not shown that it unlearns.
/// </summary>
public sealed record NothingComparison
{
    /// <summary>Excess of <see cref="OwnAuc"/> over <see cref="Auc"/> up to which an unlearner is not told apart from doing nothing.</summary>
    public const double Margin = 0.01;

    /// <summary>AUC of doing nothing's score from one half of the trials against the unlearner's label from the other half, both ways averaged.</summary>
    public required double Auc { get; init; }

    /// <summary>AUC of the unlearner's own score, likewise: its reliability.</summary>
    public required double OwnAuc { get; init; }

    /// <summary>
    /// Spearman correlation of doing nothing's score from one half with the unlearner's score from the other half, both ways averaged; in [−1, 1].
    /// </summary>
    public required double Spearman { get; init; }

    /// <summary>Spearman correlation of the unlearner's score with itself across the halves, in [−1, 1].</summary>
    public required double OwnSpearman { get; init; }

    /// <summary>Whether the unlearner's own score tells its label better than doing nothing does.</summary>
    public bool IsToldApart => OwnAuc - Auc > Margin;
}
