using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Parquet;
using Parquet.Schema;

namespace Unlearn.Parquet;

/// <summary>Writes a data view as a Parquet file.</summary>
internal sealed class ParquetSaver
{
    private const int ValuesPerGroup = 1 << 20;
    private const int MostRows = 1 << 16;

    private readonly IDataView _data;
    private readonly List<(DataViewSchema.Column Column, ColumnWriter Writer)> _columns;
    private readonly int _rowsPerGroup;

    /// <summary>Checks the columns before anything is read or written.</summary>
    public ParquetSaver(IDataView data, int rowsPerGroup)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegative(rowsPerGroup);
        _data = WithKeyValues(data);
        List<DataViewSchema.Column> columns = [.. _data.Schema.Where(column => !column.IsHidden)];
        if (columns.Count == 0)
            throw new ArgumentException("The data has no column: a Parquet file needs one.", nameof(data));
        foreach (var column in columns)
            Check(column);
        var width = columns.Sum(column => (long)(Size(column) ?? 1));
        _rowsPerGroup = rowsPerGroup > 0 ? rowsPerGroup : (int)Math.Clamp(ValuesPerGroup / width, 1, MostRows);
        if (_rowsPerGroup * columns.Max(column => (long)(Size(column) ?? 1)) > Array.MaxLength)
            throw new ArgumentOutOfRangeException(
                nameof(rowsPerGroup), rowsPerGroup, Invariant($"Must be at most {Array.MaxLength / width} for rows of {width} values"));
        _columns = [.. columns.Select(column => (column, ColumnKind.Of(ItemType(column).RawType)!.Writer(column.Name, Size(column), _rowsPerGroup)))];
    }

    /// <summary>Writes all rows. They are computed on this thread: sums of Torch depend on its number of threads, which is a thread's own.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="metadata">What the footer says beside the schema; <see langword="null"/> for nothing.</param>
    /// <param name="cancellationToken">Stops between two rows.</param>
    public void Save(Stream stream, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        using var cursor = _data.GetRowCursor(_columns.Select(entry => entry.Column));
        foreach (var (column, writer) in _columns)
            writer.Attach(cursor, column);
        var file = Waiting.For(() => ParquetWriter.CreateAsync(new ParquetSchema(_columns.Select(entry => entry.Writer.Field)), stream));
        if (metadata is not null)
            file.CustomMetadata = metadata;
        try
        {
            var rows = 0;
            while (cursor.MoveNext())
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var (_, writer) in _columns)
                    writer.Add();
                if (++rows < _rowsPerGroup)
                    continue;
                Waiting.For(() => WriteGroupAsync(file));
                rows = 0;
            }
            if (rows > 0)
                Waiting.For(() => WriteGroupAsync(file));
        }
        finally
        {
            Waiting.For(() => file.DisposeAsync().AsTask());
        }
    }

    private async Task WriteGroupAsync(ParquetWriter file)
    {
        using var group = file.CreateRowGroup();
        foreach (var (_, writer) in _columns)
            await writer.WriteAsync(group).ConfigureAwait(false);
        group.CompleteValidate();
    }

    private static void Check(DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType { IsKnownSize: false })
            throw new ArgumentException(
                $"Column '{column.Name}' has vectors of any length, which are not saved: give them one length, or drop the column (DropColumns).", "data");
        if (ColumnKind.Of(ItemType(column).RawType) is null)
            throw new ArgumentException(
                $"Column '{column.Name}' holds {column.Type}, which is not saved: convert it to numbers, bools or texts, or drop it (DropColumns).", "data");
    }

    private static IDataView WithKeyValues(IDataView data)
    {
        InputOutputColumnPair[] keys =
        [
            .. data.Schema
                .Where(column => !column.IsHidden && ItemType(column) is KeyDataViewType && column.Annotations.Schema.GetColumnOrNull("KeyValues") is not null)
                .Select(column => new InputOutputColumnPair(column.Name)),
        ];
        return keys.Length == 0 ? data : new MLContext().Transforms.Conversion.MapKeyToValue(keys).Fit(data).Transform(data);
    }

    private static DataViewType ItemType(DataViewSchema.Column column) => column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;

    private static int? Size(DataViewSchema.Column column) => (column.Type as VectorDataViewType)?.Size;
}
