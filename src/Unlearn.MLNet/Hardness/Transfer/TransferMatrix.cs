namespace Unlearn.MLNet;

/// <summary>How well hardness models trained on one source predict hardness in another; always on rows that the model never saw.</summary>
/// <param name="Names">Names of the sources, such as unlearners or data sets.</param>
/// <param name="Auc">AUC with its interval: <c>Auc[a][b]</c> of a model trained on <c>Names[a]</c> and tested on <c>Names[b]</c>.</param>
public sealed record TransferMatrix(IReadOnlyList<string> Names, IReadOnlyList<IReadOnlyList<AucEstimate>> Auc);
