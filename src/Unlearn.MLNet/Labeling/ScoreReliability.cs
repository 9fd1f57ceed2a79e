namespace Unlearn.MLNet.Labeling;

/// <summary>How far the scores from one half of a run's trials agree with those from the other half.</summary>
/// <param name="Auc">AUC of one half's score against the label of the other half, in [0, 1]; NaN if unknown.</param>
/// <param name="Spearman">Spearman correlation across the halves, in [−1, 1]; NaN if unknown.</param>
internal readonly record struct ScoreReliability(double Auc, double Spearman);
