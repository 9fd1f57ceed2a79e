using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>
/// One row of factors, loaded again and again, for models that were trained on <c>Features</c> and <c>Label</c>; the label is always the default.
/// </summary>
internal sealed class FactorsRow(DataViewSchema schema) : DataViewRow
{
    private float[] _factors = [];
    private long _position = -1;

    /// <summary>The row that has the values; by default itself. So models that were trained on labels of different types read the same factors.</summary>
    public FactorsRow? Shared { get; init; }

    public override DataViewSchema Schema => schema;

    public override long Position => (Shared ?? this)._position;

    public override long Batch => 0;

    public void Load(ReadOnlySpan<float> factors)
    {
        if (_factors.Length != factors.Length)
            _factors = new float[factors.Length];
        factors.CopyTo(_factors);
        _position++;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => true;

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)Position, 0);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (column.Name != "Features")
            return (ref TValue value) => value = default!;
        ValueGetter<VBuffer<float>> getter = (ref VBuffer<float> value) =>
        {
            var factors = (Shared ?? this)._factors;
            var editor = VBufferEditor.Create(ref value, factors.Length);
            factors.CopyTo(editor.Values);
            value = editor.Commit();
        };
        return getter as ValueGetter<TValue> ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue).Name}.");
    }
}
