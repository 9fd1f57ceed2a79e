using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Hardness.Prediction;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Triage;

/// <summary>Reads what a hardness model added to rows.</summary>
internal static class PredictionReader
{
    /// <summary>Predictions of some rows.</summary>
    /// <param name="rows">Rows with the columns of a hardness model.</param>
    /// <param name="methods">The approximate methods.</param>
    /// <param name="wanted">Ids of the rows to read.</param>
    public static Dictionary<string, RowPrediction> Read(IDataView rows, IReadOnlyList<string> methods, IReadOnlySet<string> wanted)
    {
        var id = rows.Schema["RowId"];
        var probability = rows.Schema[FittedHardness.ProbabilityColumn];
        DataViewSchema.Column[] predicted = [.. methods.Select(name => rows.Schema[$"{name}.PredictedResidualMemory"])];
        DataViewSchema.Column[] bounds = [.. methods.Select(name => rows.Schema[$"{name}.ResidualMemoryBound"])];
        Dictionary<string, RowPrediction> predictions = new(StringComparer.Ordinal);
        using var cursor = rows.GetRowCursor([id, probability, .. predicted, .. bounds]);
        var idOf = RowReader.RowIdGetter(cursor, id);
        var probabilityOf = Number(cursor, probability);
        Func<float>[] predictedOf = [.. predicted.Select(column => Number(cursor, column))];
        Func<float>[] boundOf = [.. bounds.Select(column => Number(cursor, column))];
        while (cursor.MoveNext())
            if (idOf() is var rowId && wanted.Contains(rowId))
                predictions.Add(rowId, new(probabilityOf(), methods.Index().ToDictionary(
                    method => method.Item, method => (predictedOf[method.Index](), boundOf[method.Index]()), StringComparer.Ordinal)));
        return predictions;
    }

    private static Func<float> Number(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<float>(column);
        return () =>
        {
            float value = 0;
            getter(ref value);
            return value;
        };
    }
}
