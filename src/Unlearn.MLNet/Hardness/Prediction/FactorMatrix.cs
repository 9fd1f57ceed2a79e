using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>The factors of labeled rows.</summary>
/// <param name="Ids">Id of each row.</param>
/// <param name="Values">Factors, row-major.</param>
/// <param name="Width">Number of factors.</param>
internal sealed record FactorMatrix(IReadOnlyList<string> Ids, float[] Values, int Width)
{
    public ReadOnlySpan<float> Row(int row) => Values.AsSpan(row * Width, Width);

    /// <summary>A view of some rows with the column <c>Features</c>; a label may be added.</summary>
    public ColumnDataView ToDataView(int[] rows)
    {
        var view = new ColumnDataView(rows.Length);
        view.AddVectors("Features", Width, (row, features) => Row(rows[row]).CopyTo(features));
        return view;
    }
}
