using System.Numerics.Tensors;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>Rows less the column means, scaled to unit length. They are made whenever they are read: none stays in memory.</summary>
/// <param name="rows">Rows of finite numbers, at least one.</param>
internal sealed class CenteredRows(IRowValues rows)
{
    /// <summary>Rounding of single-precision products: identical rows may come out this much below 1.</summary>
    public const float Tolerance = 1e-6f;

    private readonly double[] _means = Means(rows);

    public int Width => rows.Width;

    /// <summary>Rows that have a direction, and rows that equal the means and have none.</summary>
    public (int[] Directed, int[] Zeros) Split()
    {
        List<int> directed = [], zeros = [];
        foreach (var (start, count, values) in rows.Blocks())
            for (var row = 0; row < count; row++)
                (Center(values.AsSpan(row * Width, Width)) ? directed : zeros).Add(start + row);
        return ([.. directed], [.. zeros]);
    }

    /// <summary>Reads some rows that have a direction.</summary>
    /// <param name="positions">Their positions.</param>
    /// <param name="vectors">Receives them, one after the other.</param>
    public void Read(ArraySegment<int> positions, float[] vectors) => Parallel.For(0, positions.Count, i =>
    {
        var vector = vectors.AsSpan(i * Width, Width);
        rows.Read(positions[i], vector);
        Center(vector);
    });

    private static double[] Means(IRowValues rows)
    {
        var means = new double[rows.Width];
        foreach (var (_, count, values) in rows.Blocks())
            for (var i = 0; i < count * rows.Width; i++)
                means[i % rows.Width] += values[i] / (double)rows.Count;
        return means;
    }

    // What rounding leaves of a row that equals the means has no direction.
    private bool Center(Span<float> row)
    {
        var original = TensorPrimitives.Norm<float>(row);
        for (var c = 0; c < row.Length; c++)
            row[c] = (float)(row[c] - _means[c]);
        var length = TensorPrimitives.Norm<float>(row);
        if (length <= Tolerance * original)
            return false;
        TensorPrimitives.Divide(row, length, row);
        return true;
    }
}
