using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Rows;

/// <summary>Reads numbers of rows in blocks.</summary>
internal static class RowBlocks
{
    private const int ValuesAtOnce = 1 << 18;

    /// <summary>All rows, block by block: the first row of each, its number of rows, and their values, which the next block overwrites.</summary>
    public static IEnumerable<(int Start, int Count, float[] Values)> Blocks(this IRowValues rows)
    {
        var atOnce = Math.Clamp(ValuesAtOnce / rows.Width, 1, Math.Max(1, rows.Count));
        var values = new float[atOnce * rows.Width];
        for (var start = 0; start < rows.Count; start += atOnce)
        {
            var count = Math.Min(atOnce, rows.Count - start);
            rows.Read(start, values.AsSpan(0, count * rows.Width));
            yield return (start, count, values);
        }
    }

    /// <summary>Consecutive rows as a new tensor.</summary>
    public static torch.Tensor Copy(this IRowValues rows, int start, int count)
    {
        var copy = torch.empty(count, rows.Width);
        rows.Read(start, FloatSpan.Of(copy));
        return copy;
    }

    /// <summary>Some rows as a new tensor.</summary>
    public static torch.Tensor Copy(this IRowValues rows, ReadOnlySpan<long> positions)
    {
        var copy = torch.empty(positions.Length, rows.Width);
        var values = FloatSpan.Of(copy);
        for (var i = 0; i < positions.Length; i++)
            rows.Read((int)positions[i], values.Slice(i * rows.Width, rows.Width));
        return copy;
    }
}
