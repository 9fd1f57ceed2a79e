using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Rows;

/// <summary>Columns in memory as a data view. If the columns are members of a class, use ML.NET's own <c>LoadFromEnumerable</c>.</summary>
internal sealed class ColumnDataView : IDataView
{
    private delegate void Reader<T>(int row, ref T value);

    private readonly DataViewSchema.Builder _builder = new();
    private readonly Dictionary<int, Delegate> _readers = [];
    private DataViewSchema? _schema;

    /// <summary>A view without columns; add them before it is read.</summary>
    /// <param name="rowCount">Number of rows.</param>
    public ColumnDataView(int rowCount) => RowCount = rowCount;

    private ColumnDataView(DataViewSchema schema, int rowCount)
        : this(rowCount) => _schema = schema;

    /// <summary>A view with a given schema in which only one column has values: a vector of numbers.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="column">The column of the vector in it.</param>
    /// <param name="values">Numbers, row-major.</param>
    /// <param name="width">Numbers of a row.</param>
    public static ColumnDataView OfVectors(DataViewSchema schema, DataViewSchema.Column column, float[] values, int width)
    {
        var view = new ColumnDataView(schema, values.Length / width);
        view._readers.Add(column.Index, VectorReader(width, (row, vector) => values.AsSpan(row * width, width).CopyTo(vector)));
        return view;
    }

    /// <summary>A view with a given schema in which only one column has values: a text.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="column">The column of the text in it.</param>
    /// <param name="features">Features that hold texts, row-major; see <see cref="TextFeatures"/>.</param>
    /// <param name="width">Features of a row.</param>
    public static ColumnDataView OfTexts(DataViewSchema schema, DataViewSchema.Column column, float[] features, int width)
    {
        var view = new ColumnDataView(schema, features.Length / width);
        view._readers.Add(column.Index, new Reader<ReadOnlyMemory<char>>(
            (row, ref text) => text = TextFeatures.Decode(features.AsSpan(row * width, width)).AsMemory()));
        return view;
    }

    /// <summary>Number of rows.</summary>
    public int RowCount { get; }

    public bool CanShuffle => false;

    public DataViewSchema Schema => _schema ??= _builder.ToSchema();

    public long? GetRowCount() => RowCount;

    /// <summary>Adds a column of numbers.</summary>
    public void Add(string name, float[] values) => Add(name, values, NumberDataViewType.Single);

    /// <summary>Adds a column.</summary>
    public void Add<T>(string name, T[] values, DataViewType type, DataViewSchema.Annotations? annotations = null)
    {
        _readers.Add(_readers.Count, new Reader<T>((row, ref value) => value = values[row]));
        _builder.AddColumn(name, type, annotations);
    }

    /// <summary>Adds a column of vectors, which are made when they are read.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="width">Numbers of a vector.</param>
    /// <param name="fill">Writes the vector of a row.</param>
    /// <param name="annotations">Such as names of the slots.</param>
    public void AddVectors(string name, int width, Action<int, Span<float>> fill, DataViewSchema.Annotations? annotations = null)
    {
        _readers.Add(_readers.Count, VectorReader(width, fill));
        _builder.AddColumn(name, new VectorDataViewType(NumberDataViewType.Single, width), annotations);
    }

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private static Reader<VBuffer<float>> VectorReader(int width, Action<int, Span<float>> fill) => (row, ref value) =>
    {
        var editor = VBufferEditor.Create(ref value, width);
        fill(row, editor.Values);
        value = editor.Commit();
    };

    private sealed class Cursor(ColumnDataView view, IEnumerable<DataViewSchema.Column> columnsNeeded) : DataViewRowCursor
    {
        private readonly HashSet<int> _active = [.. columnsNeeded.Select(column => column.Index).Where(view._readers.ContainsKey)];
        private int _next;
        private int _position = -1;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override bool MoveNext()
        {
            _position = _next < view.RowCount ? _next++ : -1;
            return _position >= 0;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentException($"Column '{column.Name}' is not active in this cursor, or has no values.", nameof(column));
            if (view._readers[column.Index] is not Reader<TValue> read)
                throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue).Name}.");
            return (ref TValue value) => read(_position, ref value);
        }
    }
}
