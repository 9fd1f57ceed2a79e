using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Conformance;

/// <summary>The values of one column, by row id.</summary>
internal static class ColumnValues
{
    public static Dictionary<string, float[]> Read(IDataView data, string rowId, string column) =>
        Read([data.GetRowCursor([data.Schema[rowId], data.Schema[column]])], rowId, column);

    public static Dictionary<string, float[]> Read(IReadOnlyList<DataViewRowCursor> cursors, string rowId, string column)
    {
        Dictionary<string, float[]> values = new(StringComparer.Ordinal);
        foreach (var cursor in cursors)
        {
            using (cursor)
            {
                var id = Getter<ReadOnlyMemory<char>>(cursor, rowId);
                var value = Getter(cursor, column);
                while (cursor.MoveNext())
                    Require(values.TryAdd(id().ToString(), value()), $"row '{id()}' came twice");
            }
        }
        return values;
    }

    /// <summary>Reads the current row's value as an array.</summary>
    public static Func<float[]> Getter(DataViewRow row, string column)
    {
        if (row.Schema[column].Type is not VectorDataViewType)
        {
            var scalar = Getter<float>(row, column);
            return () => [scalar()];
        }
        var vector = Getter<VBuffer<float>>(row, column);
        return () => [.. vector().DenseValues()];
    }

    public static void RequireEqual(
        IReadOnlyDictionary<string, float[]> expected, IReadOnlyDictionary<string, float[]> actual, double tolerance, string column, string where)
    {
        Require(expected.Count == actual.Count, $"{where} has {actual.Count} rows in place of {expected.Count}");
        foreach (var (id, values) in expected)
        {
            Require(actual.TryGetValue(id, out var others), $"{where} has no row '{id}'");
            RequireEqual(values, others!, tolerance, $"column '{column}' of row '{id}' {where}");
        }
    }

    public static void RequireEqual(float[] expected, float[] actual, double tolerance, string what)
    {
        Require(expected.Length == actual.Length, $"{what} has {actual.Length} values in place of {expected.Length}");
        for (var i = 0; i < expected.Length; i++)
            Require(expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                Invariant($"{what} is {actual[i]:R} in place of {expected[i]:R}"));
    }

    public static void Require(bool holds, string found)
    {
        if (!holds)
            throw new ConformanceException(found);
    }

    private static Func<T> Getter<T>(DataViewRow row, string column)
    {
        var getter = row.GetGetter<T>(row.Schema[column]);
        var value = default(T)!;
        return () =>
        {
            getter(ref value);
            return value;
        };
    }
}
