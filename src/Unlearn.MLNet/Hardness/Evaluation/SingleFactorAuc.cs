using Unlearn.Transforms.Factors;

namespace Unlearn.MLNet;

/// <summary>How well one factor predicts hardness alone.</summary>
/// <param name="Factor">Name of the factor.</param>
/// <param name="Auc">AUC of the better of its two directions, in [0.5, 1].</param>
/// <param name="Spearman">Spearman correlation with the hardness score, in [−1, 1].</param>
public sealed record SingleFactorAuc(string Factor, double Auc, double Spearman);
