using Microsoft.ML;
using Microsoft.ML.Data;
using Parquet;

namespace Unlearn.Parquet;

/// <summary>Reads some row groups of files, one after the other, and of them only the active columns.</summary>
/// <param name="files">The files.</param>
/// <param name="schema">The schema of the view.</param>
/// <param name="active">Numbers of the active columns.</param>
/// <param name="first">Number of the first row group.</param>
/// <param name="step">From one row group to the next.</param>
internal sealed class ParquetCursor(ParquetFiles files, DataViewSchema schema, HashSet<int> active, int first, int step) : DataViewRowCursor
{
    private readonly Dictionary<int, ColumnReader> _columns =
        active.ToDictionary(column => column, column => files.Columns[column].Kind.Reader(files.Columns[column]));
    private ParquetReader? _reader;
    private ParquetSource? _file;
    private int _group = first - step;
    private int _rows;
    private int _row = -1;
    private long _position = -1;
    private bool _isDone;

    public override DataViewSchema Schema => schema;

    public override long Position => _position;

    public override long Batch => Math.Max(_group, 0);

    private int Row => _position >= 0 ? _row : throw new InvalidOperationException("The cursor stands on no row: values are read after MoveNext.");

    public override bool IsColumnActive(DataViewSchema.Column column) => _columns.ContainsKey(column.Index);

    public override bool MoveNext()
    {
        while (!_isDone && ++_row >= _rows)
        {
            _group += step;
            _isDone = _group >= files.Groups.Count;
            if (!_isDone)
                Read();
        }
        if (_isDone)
            _position = -1;
        else
            _position++;
        return !_isDone;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)(files.Groups[_group].FirstOfView + Row), 0);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!_columns.TryGetValue(column.Index, out var reader))
            throw new ArgumentException($"Column '{column.Name}' is not active in this cursor.", nameof(column));
        return reader.Getter(() => Row) as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue).Name}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _reader is not null)
        {
            _isDone = true;
            Waiting.For(CloseAsync);
        }
        base.Dispose(disposing);
    }

    private void Read()
    {
        (_row, _rows) = (-1, files.Groups[_group].Rows);
        if (_rows > 0 && _columns.Count > 0)
            Waiting.For(() => ReadAsync(files.Groups[_group]));
    }

    private async Task ReadAsync(ParquetRowGroup place)
    {
        if (_file != place.File)
        {
            await CloseAsync().ConfigureAwait(false);
            (_reader, _file) = (await place.File.ReaderAsync().ConfigureAwait(false), place.File);
        }
        using var group = _reader!.OpenRowGroupReader(place.Number);
        foreach (var (number, values) in _columns)
        {
            var column = place.File.Columns[number];
            try
            {
                await values.ReadAsync(group, _reader.Schema.DataFields[column.Field], _rows, row => $"row {place.First + row}").ConfigureAwait(false);
            }
            catch (Exception damaged) when (damaged is not OutOfMemoryException)
            {
                // Damaged pages end the reader in many ways.
                var reason = damaged is InvalidDataException
                    ? damaged.Message
                    : $"it is damaged ({damaged.Message.Split('\n')[0]}): write or copy the file anew";
                throw new InvalidDataException(
                    $"Column '{column.Name}' of '{place.File.Path}' cannot be read in row group {place.Number}: {reason.TrimEnd('.')}.", damaged);
            }
        }
    }

    private async Task CloseAsync()
    {
        var reader = _reader;
        (_reader, _file) = (null, null);
        if (reader is not null)
            await reader.DisposeAsync().ConfigureAwait(false);
    }
}
