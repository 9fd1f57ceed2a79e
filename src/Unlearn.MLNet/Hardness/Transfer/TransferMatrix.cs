namespace Unlearn.MLNet;

/// <summary>How well hardness models trained on one source predict hardness in another; always on rows that the model never saw.</summary>
public sealed record TransferMatrix
{
    /// <summary>Names of the sources, such as unlearners or data sets.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>AUC with its interval: <c>Auc[a][b]</c> of a model trained on <c>Names[a]</c> and tested on <c>Names[b]</c>.</summary>
    public required IReadOnlyList<IReadOnlyList<AucEstimate>> Auc { get; init; }
}
