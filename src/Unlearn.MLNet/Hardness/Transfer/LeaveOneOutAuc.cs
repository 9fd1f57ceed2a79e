namespace Unlearn.MLNet;

/// <summary>How well a hardness model predicts an unlearner that it knows nothing of.</summary>
/// <param name="Unlearner">The unlearner whose labels were left out.</param>
/// <param name="Auc">AUC against its labels, on rows that the model never saw, with its interval.</param>
/// <param name="Verdict">Whether it meets the target.</param>
public sealed record LeaveOneOutAuc(string Unlearner, AucEstimate Auc, Verdict Verdict);
