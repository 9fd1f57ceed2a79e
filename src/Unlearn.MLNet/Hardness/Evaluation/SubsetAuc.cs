namespace Unlearn.MLNet;

/// <summary>How well some of the factors predict hardness, on the same folds as all of them.</summary>
/// <param name="Subset">The factors.</param>
/// <param name="Auc">AUC of the out-of-fold predictions, with its interval.</param>
/// <param name="Difference">The same minus the AUC of all factors, with its interval.</param>
/// <param name="AveragePrecision">Average precision of the out-of-fold predictions.</param>
/// <param name="Spearman">Spearman correlation of the out-of-fold predictions with the hardness score.</param>
public sealed record SubsetAuc(FactorSubset Subset, AucEstimate Auc, AucDifference Difference, double AveragePrecision, double Spearman);
