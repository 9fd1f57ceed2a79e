namespace Unlearn.MLNet;

/// <summary>Whether hardness belongs to the row or to the algorithm that unlearns it. Lists without names are in the order of <c>Transfer.Names</c>.</summary>
public sealed record UnlearnerAgreement
{
    /// <summary>Hardness models trained on one unlearner's labels and tested on another's, on the same folds.</summary>
    public required TransferMatrix Transfer { get; init; }

    /// <summary>
    /// Per unlearner: AUC of a hardness model that was trained on the pooled labels of all others, against the unlearner's labels, on rows that the
    /// model never saw.
    /// </summary>
    public required IReadOnlyList<AucEstimate> LeaveOneOut { get; init; }

    /// <summary>Per unlearner: whether <see cref="LeaveOneOut"/> meets its target.</summary>
    public required IReadOnlyList<Verdict> LeaveOneOutVerdicts { get; init; }

    /// <summary>
    /// Names of the lines and columns of <see cref="SpearmanAcrossHalves"/>. If one of the unlearners is approximate, the last name is doing nothing,
    /// which returns the target.
    /// </summary>
    public required IReadOnlyList<string> SpearmanNames { get; init; }

    /// <summary>
    /// How far the hardness scores agree across halves of the trials that share nothing, not even retrained models. <c>SpearmanAcrossHalves[a][b]</c>
    /// is the Spearman correlation of <c>SpearmanNames[a]</c>'s scores from one half with those of <c>SpearmanNames[b]</c> from the other half, both
    /// ways averaged; in [−1, 1]. The diagonal is how far an unlearner agrees with itself, so noise keeps an entry below about the root of the
    /// product of its two diagonal entries.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<double>> SpearmanAcrossHalves { get; init; }

    /// <summary>
    /// Kendall's W of the hardness scores: from 0, no agreement, to 1, the same order of the rows. It does not compare between studies of different
    /// numbers of unlearners: see <see cref="IndependentConcordance"/>. NaN where all scores are constant.
    /// </summary>
    public required double Concordance { get; init; }

    /// <summary>Share of random permutations of the scores that agree at least as much, the scores themselves among them; in (0, 1].</summary>
    public required double ConcordancePValue { get; init; }

    /// <summary>Mean of Kendall's W over independent scores: 1 / number of unlearners.</summary>
    public double IndependentConcordance => 1.0 / Transfer.Names.Count;
}
