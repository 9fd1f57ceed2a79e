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

    /// <summary>All factors of some rows, with the values of some factors taken from other rows instead.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="shuffles">One copy of all rows for each: which factors, and for each row the row to take them from.</param>
    public IDataView Shuffled(int[] rows, IReadOnlyList<(int[] Columns, int[] From)> shuffles)
    {
        int[] all = [.. Enumerable.Range(0, _columns.Length)];
        return View(new bool[rows.Length * shuffles.Count], all.Length, (row, features) =>
        {
            var (copy, place) = Math.DivRem(row, rows.Length);
            Fill(all, rows[place], features);
            foreach (var column in shuffles[copy].Columns)
                features[column] = _columns[column][shuffles[copy].From[place]];
        });
    }

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
