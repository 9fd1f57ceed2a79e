namespace Unlearn.MLNet;

/// <summary>How well one factor predicts hardness alone.</summary>
public sealed record SingleFactorAuc
{
    /// <summary>Name of the factor.</summary>
    public required string Factor { get; init; }

    /// <summary>AUC of the better of its two directions, in [0.5, 1].</summary>
    public required double Auc { get; init; }

    /// <summary>Spearman correlation with the hardness score, in [−1, 1].</summary>
    public required double Spearman { get; init; }
}
