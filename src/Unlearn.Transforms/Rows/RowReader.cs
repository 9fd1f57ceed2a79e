using Microsoft.ML;

namespace Unlearn.Transforms.Rows;

/// <summary>Reads whole data views.</summary>
internal static class RowReader
{
    /// <summary>Labels from 0 and, where there is a column for them, row ids as text.</summary>
    /// <param name="data">The data.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="features">Receives the features.</param>
    /// <param name="atRow">Called at every row: the place to stop at.</param>
    /// <exception cref="InvalidOperationException">
    /// A label is missing or out of range, or a row has another number of features than the column, or a feature is NaN or infinite.
    /// </exception>
    public static (long[] Labels, string[] Ids) ReadAll(IDataView data, TargetColumns columns, IFeatureSource features, Action? atRow = null)
    {
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
        return ([.. labels], [.. ids]);
    }

    /// <summary>An id that several rows have, and how many; <see langword="null"/> where all differ.</summary>
    public static (string Id, int Count)? FindRepeated(string[] ids)
    {
        var seen = new HashSet<string>(ids.Length, StringComparer.Ordinal);
        return Array.Find(ids, id => !seen.Add(id)) is { } repeated ? (repeated, ids.Count(id => id == repeated)) : null;
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
