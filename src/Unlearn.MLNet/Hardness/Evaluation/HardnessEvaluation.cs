using Microsoft.ML;
using Unlearn.MLNet.Hardness.Evaluation;
using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet;

/// <summary>How well hardness labels can be predicted, on rows that the hardness model never saw.</summary>
public sealed record HardnessEvaluation
{
    /// <summary>AUC of the hardness model's out-of-fold predictions, with its interval.</summary>
    public required AucEstimate Auc { get; init; }

    /// <summary>
    /// AUC of the score from one half of the trials against the label from the other half, averaged over both directions. It lies below
    /// <see cref="Ceiling"/>, since the label of all trials has less noise.
    /// </summary>
    public required double Reliability { get; init; }

    /// <summary>
    /// Oracle ceiling: the AUC that the score without noise would have against the label, which label noise keeps predictions below. It follows from
    /// the reliability; the interval comes from a bootstrap over trials, and is NaN for scores of your own. See docs/evaluation.md for the formula.
    /// </summary>
    public required AucEstimate Ceiling { get; init; }

    /// <summary>
    /// The AUC that the predictions would have against labels without noise, by the same model; NaN where the halves of the trials agree no better
    /// than chance.
    /// </summary>
    public required double AucWithoutNoise { get; init; }

    /// <summary>Share of the rows whose score lies above its noise, in [0, 1]; NaN if unknown. See <see cref="HardnessScores.AboveNoise"/>.</summary>
    public double AboveNoiseShare { get; init; } = double.NaN;

    /// <summary>AUC of the same predictions against the absolute label, a score above its noise; NaN if it is unknown or all rows are of one kind.</summary>
    public double AboveNoiseAuc { get; init; } = double.NaN;

    /// <summary>The unlearner beside doing nothing; <see langword="null"/> for exact unlearners and scores of your own.</summary>
    public NothingComparison? Nothing { get; init; }

    /// <summary>AUC of the row's class alone, a baseline: the share of hard rows in the class, from the other folds. NaN if the classes are unknown.</summary>
    public double ClassAuc { get; init; } = double.NaN;

    /// <summary>
    /// AUC of the predictions within each class, in the order of the classes; NaN for a class without both kinds of rows. Empty if the classes are
    /// unknown.
    /// </summary>
    public IReadOnlyList<double> AucWithinClasses { get; init; } = [];

    /// <summary>
    /// AUC of the predictions over pairs of rows from the same fifth of the target's confidences: what they tell beyond the confidence. NaN without
    /// the factor Loss.
    /// </summary>
    public double AucWithinConfidenceBands { get; init; } = double.NaN;

    /// <summary>
    /// What each factor adds to each row's score, uncalibrated: by row, then in the order of the factors, from the model that never saw the row. For trees it
    /// is the difference that the other way at each decision on the factor would make (ML.NET's <c>CalculateFeatureContribution</c>): no parts of a sum.
    /// Empty without permutations, and for trainers that cannot tell.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<float>> Contributions { get; init; } = [];

    /// <summary>Average precision of the out-of-fold predictions, in [0, 1]; chance is the share of hard rows.</summary>
    public required double AveragePrecision { get; init; }

    /// <summary>Spearman correlation of the out-of-fold predictions with the hardness score, in [−1, 1].</summary>
    public required double Spearman { get; init; }

    /// <summary>Probability that each row is hard, from a model that was trained without its fold.</summary>
    public required IReadOnlyList<double> Predictions { get; init; }

    /// <summary>ROC curve of <see cref="Predictions"/>; empty where they or the labels are undefined.</summary>
    internal IReadOnlyList<RocPoint> Roc => Labels.Contains(true) && Labels.Contains(false) && !Predictions.Any(double.IsNaN)
        ? RankStatistics.Roc(Predictions, Labels, maxPoints: 200)
        : [];

    /// <summary>
    /// AUC of the loss alone, a baseline: the better of its two directions. The target's confidence in the row, exp(−loss), ranks the rows alike.
    /// </summary>
    public required double LossAuc { get; init; }

    /// <summary>The factor that predicts best alone, a baseline: the better of its two directions.</summary>
    public required SingleFactorAuc BestSingle { get; init; }

    /// <summary>Every factor alone, as a predictor, and its Spearman correlation with the hardness score.</summary>
    public required IReadOnlyList<SingleFactorAuc> SingleFactors { get; init; }

    /// <summary>The same AUC with an interval from the percentile bootstrap over groups. Each group of near-duplicates counts as one observation.</summary>
    public AucEstimate? BootstrapAuc { get; init; }

    /// <summary>
    /// The AUC relative to the ceiling: (AUC − 0.5) / (ceiling − 0.5). NaN if the ceiling is not above 0.5, since then nothing can be predicted.
    /// </summary>
    public double CeilingShare => Ceiling.Value > 0.5 ? (Auc.Value - 0.5) / (Ceiling.Value - 0.5) : double.NaN;

    /// <summary>Hardness score per row.</summary>
    public IReadOnlyList<double> Scores { get; init; } = [];

    /// <summary>Hardness label per row.</summary>
    public IReadOnlyList<bool> Labels { get; init; } = [];

    /// <summary>Fold of each row, from 0. The row's prediction comes from the model trained on the other folds.</summary>
    public IReadOnlyList<int> Folds { get; init; } = [];

    /// <summary>Name of the trainer of each fold's model.</summary>
    public IReadOnlyList<string> Trainers { get; init; } = [];

    /// <summary>AUC of subsets of the factors, on the same folds: core, tiers, families, ablations; see <see cref="HardnessOptions.Subsets"/>.</summary>
    public IReadOnlyList<SubsetAuc> Subsets { get; init; } = [];

    /// <summary>Permutation importance of each factor and family, on held-out rows; in the order of the factors.</summary>
    public IReadOnlyList<FactorImportance> Importance { get; init; } = [];

    /// <summary>Calibration of <see cref="Predictions"/>.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>Whether the targets are met.</summary>
    public IReadOnlyList<Verdict> Verdicts { get; init; } = [];

    /// <summary>
    /// The out-of-fold predictions, one row each: <c>RowId</c>, <c>Fold</c>, <c>HardnessScore</c>, <c>Label</c>, <c>PredictedLabel</c>, <c>Score</c> (the
    /// log-odds) and <c>Probability</c>. <c>BinaryClassification.Evaluate</c> takes it as it is.
    /// </summary>
    /// <param name="context">The context.</param>
    /// <param name="rowIds">Id of each row; <see langword="null"/> for its place.</param>
    /// <exception cref="ArgumentException">There is not one id for each row.</exception>
    public IDataView PredictionsToDataView(MLContext context, IReadOnlyList<string>? rowIds = null) => HardnessDataViews.Predictions(this, context, rowIds);

    /// <summary>
    /// The figures of all factors and of each subset: <c>Kind</c>, <c>Name</c>, <c>FactorCount</c>, <c>Auc</c>, <c>AucLow</c>, <c>AucHigh</c>, the
    /// <c>Difference</c> from the AUC of all factors with <c>DifferenceLow</c> and <c>DifferenceHigh</c>, <c>AveragePrecision</c> and <c>Spearman</c>.
    /// </summary>
    /// <param name="context">The context.</param>
    public IDataView SubsetsToDataView(MLContext context) => HardnessDataViews.Subsets(this, context);

    /// <summary>The permutation importance: <c>Name</c>, <c>IsFamily</c>, <c>Loss</c>, <c>Deviation</c>.</summary>
    /// <param name="context">The context.</param>
    public IDataView ImportanceToDataView(MLContext context) => HardnessDataViews.Importance(this, context);
}
