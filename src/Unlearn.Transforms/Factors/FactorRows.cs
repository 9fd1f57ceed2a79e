using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.Factors;

/// <summary>Rows as factors take them.</summary>
/// <param name="Features">Feature values, rows × features, row-major.</param>
/// <param name="Labels">Labels from 0; −1 for a row without one.</param>
/// <param name="Keys">Keys of the row ids, see <see cref="RowKey"/>; <see langword="null"/> where rows are known by their features.</param>
internal sealed record FactorRows(float[] Features, long[] Labels, long[]? Keys)
{
    public int Count => Labels.Length;

    /// <summary>The rows from <paramref name="start"/> to <paramref name="end"/>, without the latter.</summary>
    /// <param name="start">Position of the first.</param>
    /// <param name="end">Position after the last.</param>
    /// <param name="features">
    /// Receives the features, if it has just the size for them: a fresh array is large enough to have the collector run every few batches.
    /// </param>
    public FactorRows Slice(int start, int end, float[]? features = null)
    {
        var width = Count == 0 ? 0 : Features.Length / Count;
        if (features?.Length != (end - start) * width)
            features = new float[(end - start) * width];
        Features.AsSpan(start * width, features.Length).CopyTo(features);
        return new(features, Labels[start..end], Keys?[start..end]);
    }

    /// <summary>Some of the rows.</summary>
    /// <param name="positions">Positions of the rows.</param>
    /// <param name="width">Features of a row.</param>
    public FactorRows Select(int[] positions, int width)
    {
        var features = new float[positions.Length * width];
        for (var i = 0; i < positions.Length; i++)
            Features.AsSpan(positions[i] * width, width).CopyTo(features.AsSpan(i * width));
        return new(features, [.. positions.Select(row => Labels[row])], Keys is null ? null : [.. positions.Select(row => Keys[row])]);
    }
}
