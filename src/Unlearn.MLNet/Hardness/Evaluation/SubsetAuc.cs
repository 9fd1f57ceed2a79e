namespace Unlearn.MLNet;

/// <summary>How well some of the factors predict hardness, on the same folds as all of them.</summary>
public sealed record SubsetAuc
{
    /// <summary>Why these factors are evaluated together.</summary>
    public required SubsetKind Kind { get; init; }

    /// <summary>Name of the subset, for example <c>T0–T1</c> or <c>influence</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Names of the factors that the model was trained on.</summary>
    public required IReadOnlyList<string> Factors { get; init; }

    /// <summary>AUC of the out-of-fold predictions, with its interval.</summary>
    public required AucEstimate Auc { get; init; }

    /// <summary>AUC of the subset minus the AUC of all factors, with its interval.</summary>
    public required AucEstimate Difference { get; init; }

    /// <summary>Average precision of the out-of-fold predictions, in [0, 1].</summary>
    public required double AveragePrecision { get; init; }

    /// <summary>Spearman correlation of the out-of-fold predictions with the hardness score, in [−1, 1].</summary>
    public required double Spearman { get; init; }
}
