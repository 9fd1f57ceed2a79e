namespace Unlearn.MLNet;

/// <summary>
/// Whether a row's hardness is the same when it is forgotten alone as when it is forgotten in a group. It compares scores of some rows from both
/// kinds of trials. It also tells how well a hardness model trained on group labels predicts which of these rows are hard alone.
/// </summary>
public sealed record SingleRowResult
{
    /// <summary>Name of the unlearner.</summary>
    public required string Unlearner { get; init; }

    /// <summary>Ids of the compared rows.</summary>
    public required IReadOnlyList<string> RowIds { get; init; }

    /// <summary>Score of each row from the group trials.</summary>
    public required IReadOnlyList<double> GroupScores { get; init; }

    /// <summary>Score of each row from the single-row trials.</summary>
    public required IReadOnlyList<double> SingleRowScores { get; init; }

    /// <summary>Rank correlation of the two scores, in [−1, 1].</summary>
    public required double Spearman { get; init; }

    /// <summary>Rank correlation of the group scores between the halves, in [−1, 1].</summary>
    public required double GroupReliability { get; init; }

    /// <summary>Rank correlation of the single-row scores between the halves, in [−1, 1].</summary>
    public required double SingleRowReliability { get; init; }

    /// <summary>
    /// Rank correlation of group scores from one half with single-row scores from the other half, averaged over both directions. These scores share no trial
    /// and no retrained model. Noise alone keeps the correlation below about √(GroupReliability · SingleRowReliability).
    /// </summary>
    public required double SpearmanAcrossHalves { get; init; }

    /// <summary>Scores of the rows from the first half of the single-row trials, then from the second half.</summary>
    internal IReadOnlyList<IReadOnlyList<double>> SingleRowHalves { get; init; } = [];

    /// <summary>
    /// AUC of the hardness model on these rows, against labels from single-row trials. The model learned from group labels, and its predictions are
    /// out of fold.
    /// </summary>
    public AucEstimate Auc { get; init; }

    /// <summary>AUC of the same predictions on the same rows, against labels from group trials.</summary>
    public AucEstimate GroupAuc { get; init; }

    /// <summary>Oracle ceiling of the labels from single-row trials, in [0.5, 1]; see <see cref="HardnessEvaluation.Ceiling"/>.</summary>
    public double Ceiling { get; init; }

    /// <summary>
    /// Estimate of the rank correlation between group and single-row scores without noise: <see cref="SpearmanAcrossHalves"/> / √(GroupReliability ·
    /// SingleRowReliability). All three terms come from halves of the trials. The estimate may exceed 1. It is NaN if a reliability is 0 or below.
    /// </summary>
    public double SpearmanWithoutNoise => GroupReliability > 0 && SingleRowReliability > 0
        ? SpearmanAcrossHalves / Math.Sqrt(GroupReliability * SingleRowReliability)
        : double.NaN;
}
