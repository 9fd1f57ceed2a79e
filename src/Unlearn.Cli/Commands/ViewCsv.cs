using System.Globalization;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Reports;

namespace Unlearn.Cli.Commands;

/// <summary>
/// Writes columns of a data view as CSV after RFC 4180, but with <c>\n</c> as line end: numbers in the shortest form that reads back as the same
/// value.
/// </summary>
internal static class ViewCsv
{
    /// <param name="stream">Where to.</param>
    /// <param name="data">The rows.</param>
    /// <param name="names">Columns.</param>
    public static void Write(Stream stream, IDataView data, IReadOnlyList<string> names)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine(string.Join(',', names.Select(CsvText.Cell)));
        DataViewSchema.Column[] columns = [.. names.Select(name => data.Schema[name])];
        using var cursor = data.GetRowCursor(columns);
        Func<string>[] cells = [.. columns.Select(column => Cell(cursor, column))];
        while (cursor.MoveNext())
            writer.WriteLine(string.Join(',', cells.Select(cell => CsvText.Cell(cell()))));
    }

    private static Func<string> Cell(DataViewRowCursor cursor, DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType => Of<ReadOnlyMemory<char>>(cursor, column, text => text.ToString()),
        BooleanDataViewType => Of<bool>(cursor, column, value => value ? "1" : "0"),
        NumberDataViewType { RawType: var type } when type == typeof(float) =>
            Of<float>(cursor, column, value => value.ToString("R", CultureInfo.InvariantCulture)),
        var other => throw new NotSupportedException($"The column '{column.Name}' of type {other} cannot be written as CSV."),
    };

    private static Func<string> Of<T>(DataViewRowCursor cursor, DataViewSchema.Column column, Func<T, string> write)
    {
        var getter = cursor.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return write(value);
        };
    }
}
