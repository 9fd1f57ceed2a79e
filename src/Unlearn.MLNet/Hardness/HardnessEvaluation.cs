namespace Unlearn.MLNet.Hardness;

/// <summary>How well hardness labels can be predicted, on rows that the hardness model never saw.</summary>
public sealed record HardnessEvaluation
{
    /// <summary>AUC of the hardness model's out-of-fold predictions, with its interval.</summary>
    public required AucEstimate Auc { get; init; }

    /// <summary>
    /// AUC of one half of the trials' score against the label of the other half, both ways averaged: what label noise leaves to be predicted.
    /// </summary>
    public required double Ceiling { get; init; }

    /// <summary>Average precision of the out-of-fold predictions, in [0, 1]; chance is the share of hard rows.</summary>
    public required double AveragePrecision { get; init; }

    /// <summary>Spearman correlation of the out-of-fold predictions with the hardness score, in [−1, 1].</summary>
    public required double Spearman { get; init; }

    /// <summary>Probability that each row is hard, from a model that was trained without its fold.</summary>
    public required IReadOnlyList<double> Predictions { get; init; }

    /// <summary>ROC curve of <see cref="Predictions"/>.</summary>
    public required IReadOnlyList<RocPoint> Roc { get; init; }

    /// <summary>AUC of the loss alone, a baseline: the better of its two directions.</summary>
    public required double LossAuc { get; init; }

    /// <summary>The factor that predicts best alone, a baseline: the better of its two directions.</summary>
    public required SingleFactorAuc BestSingle { get; init; }

    /// <summary>Every factor alone, as a predictor, and its Spearman correlation with the hardness score.</summary>
    public required IReadOnlyList<SingleFactorAuc> SingleFactors { get; init; }
}
