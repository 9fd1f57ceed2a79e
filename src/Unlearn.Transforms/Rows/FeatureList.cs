namespace Unlearn.Transforms.Rows;

/// <summary>Features in memory, an array a row: they grow, and change their order, without being copied.</summary>
/// <param name="width">Features of a row.</param>
internal sealed class FeatureList(int width) : IFeatureSource
{
    private readonly List<float[]> _rows = [];

    public int Count => _rows.Count;

    public int Width => width;

    public void Add(float[] row) => _rows.Add(row);

    public void Read(int row, Span<float> values)
    {
        for (; values.Length > 0; values = values[width..])
            _rows[row++].CopyTo(values);
    }

    public void Dispose()
    {
    }

    public IFeatureSource InOrder(int[] order)
    {
        var ordered = new FeatureList(width);
        ordered._rows.AddRange(order.Select(row => _rows[row]));
        return ordered;
    }
}
