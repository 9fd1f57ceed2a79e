namespace Unlearn.MLNet;

/// <summary>Whether hardness belongs to the row or to the algorithm that unlearns it.</summary>
/// <param name="Transfer">Hardness models trained on one unlearner's labels and tested on another's, on the same folds.</param>
/// <param name="LeaveOneOut">Per unlearner: a hardness model trained on the pooled labels of all others, on the same folds.</param>
/// <param name="Concordance">Kendall's W of the hardness scores.</param>
public sealed record UnlearnerAgreement(TransferMatrix Transfer, IReadOnlyList<LeaveOneOutAuc> LeaveOneOut, KendallsW Concordance);
