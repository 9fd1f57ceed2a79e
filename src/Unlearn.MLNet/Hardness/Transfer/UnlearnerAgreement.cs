namespace Unlearn.MLNet;

/// <summary>Whether hardness belongs to the row or to the algorithm that unlearns it.</summary>
public sealed record UnlearnerAgreement
{
    /// <summary>Hardness models trained on one unlearner's labels and tested on another's, on the same folds.</summary>
    public required TransferMatrix Transfer { get; init; }

    /// <summary>Per unlearner: a hardness model trained on the pooled labels of all others, on the same folds.</summary>
    public required IReadOnlyList<LeaveOneOutAuc> LeaveOneOut { get; init; }

    /// <summary>Rank correlations of the hardness scores across the halves of the trials, doing nothing among them.</summary>
    public required RankAgreement AcrossHalves { get; init; }

    /// <summary>Kendall's W of the hardness scores. Independent rankings have <see cref="KendallsW.Independent"/>, so it does not compare between studies of different unlearners.</summary>
    public required KendallsW Concordance { get; init; }
}
