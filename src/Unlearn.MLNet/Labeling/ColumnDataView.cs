using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.MLNet.Labeling;

/// <summary>Columns in memory as a data view.</summary>
internal sealed class ColumnDataView(int rowCount) : IDataView
{
    private readonly DataViewSchema.Builder _builder = new();
    private readonly List<Array> _columns = [];
    private DataViewSchema? _schema;

    public bool CanShuffle => false;

    public DataViewSchema Schema => _schema ??= _builder.ToSchema();

    public long? GetRowCount() => rowCount;

    /// <summary>Adds a column of numbers; only before the view is read.</summary>
    public void Add(string name, float[] values) => Add(name, values, NumberDataViewType.Single);

    /// <summary>Adds a column; only before the view is read.</summary>
    public void Add<T>(string name, T[] values, DataViewType type)
    {
        _builder.AddColumn(name, type);
        _columns.Add(values);
    }

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(ColumnDataView view, IEnumerable<DataViewSchema.Column> columnsNeeded) : DataViewRowCursor
    {
        private readonly HashSet<int> _active = [.. columnsNeeded.Select(column => column.Index)];
        private long _next;
        private long _position = -1;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override bool MoveNext()
        {
            _position = _next < view.GetRowCount() ? _next++ : -1;
            return _position >= 0;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentException($"Column '{column.Name}' is not active in this cursor.", nameof(column));
            if (view._columns[column.Index] is not TValue[] values)
                throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue).Name}.");
            return (ref TValue value) => value = values[_position];
        }
    }
}
