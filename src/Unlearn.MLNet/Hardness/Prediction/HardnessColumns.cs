using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>The active columns of a row or a cursor: passed on from the source, or added.</summary>
internal sealed class HardnessColumns : IDisposable
{
    private readonly HardnessBindings _bindings;
    private readonly DataViewRow _source;
    private readonly HashSet<int> _active;
    private readonly HardnessValues? _values;

    public HardnessColumns(HardnessBindings bindings, DataViewRow source, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        (_bindings, _source) = (bindings, source);
        var active = activeColumns.ToList();
        _active = [.. active.Select(column => column.Index)];
        _values = active.Exists(bindings.IsAdded) ? new HardnessValues(bindings, source) : null;
    }

    public bool IsActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public ValueGetter<TValue> Getter<TValue>(DataViewSchema.Column column)
    {
        if (!_bindings.IsAdded(column))
            return _source.GetGetter<TValue>(_bindings.InputSchema[column.Index]);
        if (!IsActive(column))
            throw new ArgumentException($"Column '{column.Name}' is not active.", nameof(column));
        return _values!.Getter(column.Index) as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue).Name}.");
    }

    public void Dispose() => _values?.Dispose();
}
