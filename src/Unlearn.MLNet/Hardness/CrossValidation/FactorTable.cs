using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>The factors as rows for ML.NET.</summary>
internal sealed class FactorTable(IReadOnlyList<FactorColumn> factors)
{
    private readonly float[][] _columns = [.. factors.Select(factor => factor.Values.ToArray())];

    /// <summary>Some factors of some rows.</summary>
    /// <param name="columns">Places of the factors.</param>
    /// <param name="rows">The rows, each with its label.</param>
    public ColumnDataView ToDataView(int[] columns, IReadOnlyList<(int Row, bool Label)> rows)
    {
        bool[] labels = [.. rows.Select(row => row.Label)];
        return View(labels, columns.Length, (row, features) => Fill(columns, rows[row].Row, features));
    }

    /// <summary>Some factors of some rows, as arrays.</summary>
    /// <param name="columns">Places of the factors.</param>
    /// <param name="rows">The rows.</param>
    public float[][] ToRows(int[] columns, IReadOnlyList<int> rows) => [.. rows.Select(row =>
    {
        var features = new float[columns.Length];
        Fill(columns, row, features);
        return features;
    })];

    /// <summary>Copies of rows, of which some factors are those of other rows.</summary>
    /// <param name="rows">The factors of each row.</param>
    /// <param name="shuffles">One copy of all rows for each: places of these factors, and for each row the place of the row to take them from.</param>
    public static IDataView Shuffled(float[][] rows, IReadOnlyList<(int[] Columns, int[] Source)> shuffles) =>
        View(new bool[rows.Length * shuffles.Count], rows[0].Length, (row, features) =>
        {
            var (copy, place) = Math.DivRem(row, rows.Length);
            rows[place].CopyTo(features);
            foreach (var column in shuffles[copy].Columns)
                features[column] = rows[shuffles[copy].Source[place]][column];
        });

    private void Fill(int[] columns, int row, Span<float> features)
    {
        for (var i = 0; i < columns.Length; i++)
            features[i] = _columns[columns[i]][row];
    }

    // ML.NET's views of objects compile code each time they are read, which takes longer than to predict a fold.
    private static ColumnDataView View(bool[] labels, int width, Action<int, Span<float>> fill)
    {
        var view = new ColumnDataView(labels.Length);
        view.Add("Label", labels, BooleanDataViewType.Instance);
        view.AddVectors("Features", width, fill);
        return view;
    }
}
