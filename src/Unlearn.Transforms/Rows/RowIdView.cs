using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Rows;

/// <summary>
/// A view with one more column: the position of each row, from 0, as text. It streams, and is always read in order: ids would move otherwise.
/// </summary>
internal sealed class RowIdView : IDataView
{
    private readonly IDataView _source;
    private readonly DataViewSchema.Column _rowId;

    public RowIdView(IDataView source, string name)
    {
        if (source.Schema.GetColumnOrNull(name) is not null)
            throw new ArgumentException($"There is a column '{name}' already: take it for the row ids, or give the new column another name.", nameof(name));
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(source.Schema);
        builder.AddColumn(name, TextDataViewType.Instance);
        _source = source;
        Schema = builder.ToSchema();
        _rowId = Schema[name];
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var needed = columnsNeeded.Select(column => column.Index).ToHashSet();
        return new Cursor(this, _source.GetRowCursor(_source.Schema.Where(column => needed.Contains(column.Index))), needed.Contains(_rowId.Index));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(RowIdView view, DataViewRowCursor source, bool hasRowId) : DataViewRowCursor
    {
        private long _position = -1;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => source.Position;

        public override long Batch => source.Batch;

        public override bool MoveNext()
        {
            var isThere = source.MoveNext();
            _position = isThere ? _position + 1 : -1;
            return isThere;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) =>
            column.Index == view._rowId.Index ? hasRowId : source.IsColumnActive(view._source.Schema[column.Index]);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (column.Index != view._rowId.Index)
                return source.GetGetter<TValue>(view._source.Schema[column.Index]);
            if (!hasRowId)
                throw new ArgumentException($"Column '{column.Name}' is not active in this cursor.", nameof(column));
            ValueGetter<ReadOnlyMemory<char>> getter = Read;
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue).Name}.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
            base.Dispose(disposing);
        }

        private void Read(ref ReadOnlyMemory<char> value) => value = _position >= 0
            ? _position.ToString(CultureInfo.InvariantCulture).AsMemory()
            : throw new InvalidOperationException("The cursor is on no row: call MoveNext first, and read while it returns true.");
    }
}
