using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.MLNetModels;

/// <summary>Feature values in memory as a data view. Of all columns of its schema, only that of the features has values.</summary>
/// <param name="schema">The schema.</param>
/// <param name="feature">The column of the features in it.</param>
/// <param name="values">Feature values, row-major.</param>
/// <param name="width">Features of a row.</param>
internal sealed class FeatureRows(DataViewSchema schema, DataViewSchema.Column feature, float[] values, int width) : IDataView
{
    public bool CanShuffle => false;

    public DataViewSchema Schema => schema;

    public int Count => values.Length / width;

    public long? GetRowCount() => Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [new Cursor(this)];

    private DataViewSchema.Column Feature => feature;

    private void Read(long row, ref VBuffer<float> value)
    {
        var editor = VBufferEditor.Create(ref value, width);
        values.AsSpan((int)row * width, width).CopyTo(editor.Values);
        value = editor.Commit();
    }

    private sealed class Cursor(FeatureRows rows) : DataViewRowCursor
    {
        private long _position = -1;
        private long _next;

        public override DataViewSchema Schema => rows.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool MoveNext()
        {
            if (_next >= rows.Count)
            {
                _position = -1;
                return false;
            }
            _position = _next++;
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => column.Index == rows.Feature.Index;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new InvalidOperationException($"Column '{column.Name}' has no values: a target sees the feature column '{rows.Feature.Name}' only.");
            return new ValueGetter<VBuffer<float>>((ref VBuffer<float> value) => rows.Read(_position, ref value)) as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue).Name}.");
        }
    }
}
