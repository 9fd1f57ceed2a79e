using Microsoft.ML;

namespace Unlearn.MLNet;

/// <summary>How well hardness models trained on one source predict hardness in another; always on rows that the model never saw.</summary>
public sealed record TransferMatrix
{
    /// <summary>Names of the sources, such as unlearners or data sets.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>AUC with its interval: <c>Auc[a][b]</c> of a model trained on <c>Names[a]</c> and tested on <c>Names[b]</c>.</summary>
    public required IReadOnlyList<IReadOnlyList<AucEstimate>> Auc { get; init; }

    private sealed class Row
    {
        public string TrainedOn { get; set; } = "";

        public string TestedOn { get; set; } = "";

        public double Auc { get; set; }

        public double AucLow { get; set; }

        public double AucHigh { get; set; }
    }

    /// <summary>The matrix as a data view, a row for each pair: <c>TrainedOn</c>, <c>TestedOn</c>, <c>Auc</c>, <c>AucLow</c>, <c>AucHigh</c>.</summary>
    /// <param name="context">The context.</param>
    public IDataView ToDataView(MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Data.LoadFromEnumerable(
            (from a in Enumerable.Range(0, Names.Count)
             from b in Enumerable.Range(0, Names.Count)
             let auc = Auc[a][b]
             select new Row { TrainedOn = Names[a], TestedOn = Names[b], Auc = auc.Value, AucLow = auc.Low, AucHigh = auc.High }).ToList());
    }
}
