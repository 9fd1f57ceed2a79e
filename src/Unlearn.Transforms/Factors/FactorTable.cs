using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.Factors;

/// <summary>Rows that statistics are learned from. Their features stay where they are, in memory or in a file, and are read batch by batch.</summary>
internal sealed class FactorTable
{
    private readonly IFeatureSource _source;
    private readonly long[] _labels;
    private readonly long[]? _keys;

    // Of each row its place in the source; none where it is the same.
    private readonly int[]? _places;

    /// <param name="source">The features. They stay the caller's.</param>
    /// <param name="labels">Labels from 0; −1 for a row without one.</param>
    /// <param name="keys">Keys of the row ids, see <see cref="RowKey"/>; <see langword="null"/> where rows are known by their features.</param>
    public FactorTable(IFeatureSource source, long[] labels, long[]? keys)
        : this(source, labels, keys, null)
    {
    }

    private FactorTable(IFeatureSource source, long[] labels, long[]? keys, int[]? places) =>
        (_source, _labels, _keys, _places) = (source, labels, keys, places);

    public int Count => _labels.Length;

    /// <summary>Where other numbers of so many rows belong; <see langword="null"/> for memory.</summary>
    public string? StoreFolder => (_source as FeatureFile)?.Folder;

    public ReadOnlySpan<long> Labels => _labels;

    /// <summary>Rows in memory.</summary>
    public static implicit operator FactorTable(FactorRows rows)
    {
        var width = rows.Count == 0 ? 0 : rows.Features.Length / rows.Count;
        var source = new FeatureList(width);
        for (var row = 0; row < rows.Count; row++)
            source.Add(rows.Features[(row * width)..((row + 1) * width)]);
        return new(source, rows.Labels, rows.Keys);
    }

    /// <summary>The order by the keys of rows, so that nothing that is learned from them depends on the order in which they were read.</summary>
    public static int[] KeyOrder(IFeatureSource source, long[]? keys)
    {
        keys ??= Keys(Enumerable.Range(0, source.Count), source);
        return [.. Enumerable.Range(0, source.Count).OrderBy(row => keys[row])];
    }

    /// <summary>The key of each row.</summary>
    public long[] Keys() => _keys ?? Keys(Enumerable.Range(0, Count).Select(Place), _source);

    /// <summary>The rows from <paramref name="start"/> to <paramref name="end"/>, without the latter.</summary>
    /// <param name="start">Position of the first.</param>
    /// <param name="end">Position after the last.</param>
    /// <param name="features">
    /// Receives the features, if it has just the size for them: a fresh array is large enough to have the collector run every few batches.
    /// </param>
    public FactorRows Slice(int start, int end, float[]? features = null)
    {
        var width = _source.Width;
        if (features?.Length != (end - start) * width)
            features = new float[(end - start) * width];
        if (_places is null)
            _source.Read(start, features);
        else
            for (var row = start; row < end; row++)
                _source.Read(Place(row), features.AsSpan((row - start) * width, width));
        return new(features, _labels[start..end], _keys?[start..end]);
    }

    /// <summary>Some of the rows.</summary>
    public FactorTable Select(int[] positions) => new(
        _source, [.. positions.Select(row => _labels[row])], _keys is null ? null : [.. positions.Select(row => _keys[row])], [.. positions.Select(Place)]);

    private int Place(int row) => _places is null ? row : _places[row];

    private static long[] Keys(IEnumerable<int> places, IFeatureSource source)
    {
        var features = new float[source.Width];
        return [.. places.Select(place =>
        {
            source.Read(place, features);
            return RowKey.OfFeatures(features, features.Length)[0];
        })];
    }
}
