using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Triage;

/// <summary>Finds rows by a value of a column.</summary>
internal static class RowSelection
{
    /// <summary>Ids of the rows with a value in a column.</summary>
    public static IReadOnlyList<string> Where(IDataView rows, string rowIdColumnName, string columnName, string value)
    {
        var (id, column) = (Find(rows.Schema, rowIdColumnName), Find(rows.Schema, columnName));
        List<string> ids = [];
        using var cursor = rows.GetRowCursor([id, column]);
        var (idOf, textOf) = (RowReader.RowIdGetter(cursor, id), Text(cursor, column));
        while (cursor.MoveNext())
            if (textOf() == value)
                ids.Add(idOf());
        return ids;
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name) => schema.GetColumnOrNull(name)
        ?? throw new ArgumentOutOfRangeException(
            nameof(name), $"Could not find column '{name}': the rows have {string.Join(", ", schema.Select(column => column.Name))}.");

    private static Func<string> Text(DataViewRow row, DataViewSchema.Column column)
    {
        return column.Type switch
        {
            KeyDataViewType when column.HasKeyValues() => Key(),
            TextDataViewType => Getter<ReadOnlyMemory<char>>(),
            BooleanDataViewType => Getter<bool>(),
            NumberDataViewType { RawType: var type } when type == typeof(float) => Getter<float>(),
            NumberDataViewType { RawType: var type } when type == typeof(double) => Getter<double>(),
            NumberDataViewType { RawType: var type } when type == typeof(int) => Getter<int>(),
            NumberDataViewType { RawType: var type } when type == typeof(long) => Getter<long>(),
            NumberDataViewType { RawType: var type } when type == typeof(uint) => Getter<uint>(),
            NumberDataViewType { RawType: var type } when type == typeof(ulong) => Getter<ulong>(),
            _ => throw new ArgumentOutOfRangeException(
                nameof(column), $"Schema mismatch for column '{column.Name}': expected text, a number, a Boolean or a key with values, got {column.Type}."),
        };

        Func<string> Getter<T>()
        {
            var getter = row.GetGetter<T>(column);
            T value = default!;
            return () =>
            {
                getter(ref value);
                return Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            };
        }

        Func<string> Key()
        {
            var names = default(VBuffer<ReadOnlyMemory<char>>);
            column.GetKeyValues(ref names);
            var values = names.DenseValues().Select(name => name.ToString()).ToArray();
            var getter = row.GetGetter<uint>(column);
            uint key = 0;
            return () =>
            {
                getter(ref key);
                return key > 0 && key <= values.Length ? values[key - 1] : "";
            };
        }
    }
}
