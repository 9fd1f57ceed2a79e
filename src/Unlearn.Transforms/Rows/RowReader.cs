using Microsoft.ML;

namespace Unlearn.Transforms.Rows;

/// <summary>Reads whole data views into memory.</summary>
internal static class RowReader
{
    /// <summary>Features, row-major, labels from 0 and, where there is a column for them, row ids as text.</summary>
    /// <param name="data">The data.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="atRow">Called at every row: the place to stop at.</param>
    /// <exception cref="InvalidOperationException">
    /// A label is missing or out of range, or a row has another number of features than the column, or a feature is NaN or infinite.
    /// </exception>
    public static (float[] Features, long[] Labels, string[] Ids) ReadAll(IDataView data, TargetColumns columns, Action? atRow = null)
    {
        List<float[]> features = [];
        List<long> labels = [];
        List<string> ids = [];
        using var cursor = data.GetRowCursor(columns.All);
        var label = columns.LabelGetter(cursor);
        var feature = columns.FeatureGetter(cursor);
        var rowIdGetter = columns.RowId is { } rowId ? RowIdGetter(cursor, rowId) : null;
        while (cursor.MoveNext())
        {
            atRow?.Invoke();
            var row = new float[columns.FeatureCount];
            feature(row);
            features.Add(row);
            labels.Add(label() is >= 0 and var value ? value : throw new InvalidOperationException(
                $"Label column '{columns.Label!.Value.Name}' has no value in {columns.NameOf(cursor)}: the training rows of a target all have labels."));
            if (rowIdGetter is not null)
                ids.Add(rowIdGetter());
        }
        var all = new float[features.Count * (long)columns.FeatureCount];
        for (var row = 0; row < features.Count; row++)
            features[row].CopyTo(all, row * columns.FeatureCount);
        return (all, [.. labels], [.. ids]);
    }

    /// <summary>A getter of the row id as text.</summary>
    public static Func<string> RowIdGetter(DataViewRow row, DataViewSchema.Column column)
    {
        return column.Type.RawType switch
        {
            var type when type == typeof(ReadOnlyMemory<char>) => Read<ReadOnlyMemory<char>>(),
            var type when type == typeof(int) => Read<int>(),
            var type when type == typeof(long) => Read<long>(),
            var type when type == typeof(uint) => Read<uint>(),
            var type when type == typeof(ulong) => Read<ulong>(),
            _ => throw new InvalidOperationException($"Row id column '{column.Name}' holds {column.Type}."),
        };

        Func<string> Read<T>()
        {
            var getter = row.GetGetter<T>(column);
            var value = default(T)!;
            return () =>
            {
                getter(ref value);
                return value is IFormattable number ? number.ToString(null, System.Globalization.CultureInfo.InvariantCulture) : value!.ToString()!;
            };
        }
    }
}
