namespace Unlearn.MLNet;

/// <summary>How well hardness labels can be predicted, on rows that the hardness model never saw.</summary>
public sealed record HardnessEvaluation
{
    /// <summary>AUC of the hardness model's out-of-fold predictions, with its interval.</summary>
    public required AucEstimate Auc { get; init; }

    /// <summary>
    /// AUC of the score from one half of the trials against the label from the other half, averaged over both directions. Label noise limits predictions to about this value.
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

    /// <summary>The same AUC with an interval from the percentile bootstrap over groups. Each group of near-duplicates counts as one observation.</summary>
    public AucEstimate? BootstrapAuc { get; init; }

    /// <summary>The AUC relative to the ceiling: (AUC − 0.5) / (ceiling − 0.5). NaN if the ceiling is not above 0.5, since then nothing can be predicted.</summary>
    public double CeilingShare => Ceiling > 0.5 ? (Auc.Value - 0.5) / (Ceiling - 0.5) : double.NaN;

    /// <summary>Hardness score per row.</summary>
    public IReadOnlyList<double> Scores { get; init; } = [];

    /// <summary>Hardness label per row.</summary>
    public IReadOnlyList<bool> Labels { get; init; } = [];

    /// <summary>Fold of each row, from 0. The row's prediction comes from the model trained on the other folds.</summary>
    public IReadOnlyList<int> Folds { get; init; } = [];

    /// <summary>Name of the trainer of each fold's model.</summary>
    public IReadOnlyList<string> Trainers { get; init; } = [];

    /// <summary>AUC of subsets of the factors, on the same folds: core, tiers, families, ablations.</summary>
    public IReadOnlyList<SubsetAuc> Subsets { get; init; } = [];

    /// <summary>Permutation importance of each factor and family, on held-out rows; in the order of the factors.</summary>
    public IReadOnlyList<FactorImportance> Importance { get; init; } = [];

    /// <summary>Calibration of <see cref="Predictions"/>.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>Whether the targets are met.</summary>
    public IReadOnlyList<Verdict> Verdicts { get; init; } = [];
}
