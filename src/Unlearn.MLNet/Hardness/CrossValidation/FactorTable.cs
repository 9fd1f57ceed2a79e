using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>The factors as rows for ML.NET.</summary>
internal sealed class FactorTable(IReadOnlyList<FactorColumn> factors)
{
    private readonly float[][] _columns = [.. factors.Select(factor => factor.Values.ToArray())];

    private sealed class Row
    {
        public bool Label { get; set; }

        public float[] Features { get; set; } = [];
    }

    /// <summary>Some factors of some rows.</summary>
    /// <param name="context">The context.</param>
    /// <param name="columns">Places of the factors.</param>
    /// <param name="rows">The rows, each with its label; in memory, since trainers read them several times.</param>
    public IDataView ToDataView(MLContext context, int[] columns, IReadOnlyList<(int Row, bool Label)> rows) =>
        Load(context, columns.Length, [.. rows.Select(row => new Row { Label = row.Label, Features = Features(columns, row.Row) })]);

    /// <summary>All factors of some rows, with the values of some factors taken from other rows instead.</summary>
    /// <param name="context">The context.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="shuffles">One copy of all rows for each: which factors, and for each row the row to take them from.</param>
    public IDataView Shuffled(MLContext context, int[] rows, IEnumerable<(int[] Columns, int[] From)> shuffles)
    {
        int[] all = [.. Enumerable.Range(0, _columns.Length)];
        return Load(context, all.Length, shuffles.SelectMany(shuffle => rows.Select((row, i) =>
        {
            var features = Features(all, row);
            foreach (var column in shuffle.Columns)
                features[column] = _columns[column][shuffle.From[i]];
            return new Row { Features = features };
        })));
    }

    private float[] Features(int[] columns, int row) => Array.ConvertAll(columns, column => _columns[column][row]);

    private static IDataView Load(MLContext context, int width, IEnumerable<Row> rows)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return context.Data.LoadFromEnumerable(rows, schema);
    }
}
