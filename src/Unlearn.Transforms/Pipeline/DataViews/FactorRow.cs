using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>One row with its factors.</summary>
internal sealed class FactorRow : DataViewRow
{
    private readonly FactorBindings _bindings;
    private readonly DataViewRow _input;
    private readonly HashSet<int> _active;
    private readonly FactorValues _values;
    private readonly IDisposable _use;
    private FactorInput? _reader;
    private long _loaded = -1;

    public FactorRow(FactorBindings bindings, DataViewRow input, IEnumerable<DataViewSchema.Column> active)
    {
        _bindings = bindings;
        _input = input;
        _active = [.. active.Select(column => column.Index)];
        _values = new FactorValues(bindings);
        _use = bindings.Use();
    }

    public override DataViewSchema Schema => _bindings.OutputSchema;

    public override long Position => _input.Position;

    public override long Batch => _input.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!_bindings.IsComputed(column.Index))
            return _input.GetGetter<TValue>(_bindings.InputSchema[column.Index]);
        if (!IsColumnActive(column))
            throw new ArgumentException($"Column '{column.Name}' is not active in this row.", nameof(column));
        _reader ??= _bindings.Reader(_input);
        return _values.Getter(column.Index, Current) as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue).Name}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _input.Dispose();
            _use.Dispose();
        }
        base.Dispose(disposing);
    }

    private int Current()
    {
        if (_loaded != Position)
        {
            var features = new float[_bindings.Inputs.FeatureCount];
            _reader!.Features(features);
            _values.Load(new(features, [_reader.Label()], _reader.Key is { } key ? [key()] : null));
            _loaded = Position;
        }
        return 0;
    }
}
