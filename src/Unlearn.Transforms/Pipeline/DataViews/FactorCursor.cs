using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Interop;

namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>Reads the source ahead, a batch at a time, so that the factors of a batch can be computed at once.</summary>
internal sealed class FactorCursor : DataViewRowCursor
{
    private readonly IHost _host;
    private readonly FactorBindings _bindings;
    private readonly DataViewRowCursor _source;
    private readonly bool[] _isActive;
    private readonly ColumnBuffer?[] _buffers;
    private readonly FactorValues? _values;
    private readonly FactorInput? _input;
    private readonly bool _needsLabel;
    private readonly ValueGetter<DataViewRowId> _sourceId;
    private readonly long[] _positions;
    private readonly long[] _batches;
    private readonly DataViewRowId[] _ids;
    private readonly IDisposable _use;
    private float[] _features = [];
    private int _capacity = 1;
    private int _count;
    private int _row = -1;
    private long _rowsSeen;
    private long _unlabeled;

    public FactorCursor(
        IHost host, FactorBindings bindings, DataViewRowCursor source, IReadOnlyList<DataViewSchema.Column> active, Func<DataViewRowId, string?> findId)
    {
        _host = host;
        _bindings = bindings;
        _source = source;
        _sourceId = source.GetIdGetter();
        var size = bindings.Columns.BatchSize;
        (_positions, _batches, _ids) = (new long[size], new long[size], new DataViewRowId[size]);
        _isActive = new bool[bindings.OutputSchema.Count];
        _buffers = new ColumnBuffer[bindings.InputSchema.Count];
        foreach (var column in active)
        {
            _isActive[column.Index] = true;
            if (!bindings.IsComputed(column.Index))
                _buffers[column.Index] ??= ColumnBuffer.Create(source, bindings.InputSchema[column.Index], size);
        }
        if (active.Any(column => bindings.IsComputed(column.Index)))
        {
            _needsLabel = active.Where(column => bindings.IsComputed(column.Index))
                .SelectMany(column => bindings.FactorsOf(column.Index))
                .Any(factor => bindings.Model.Factors[factor].NeedsLabel);
            _values = new FactorValues(bindings);
            _input = bindings.Reader(source, () =>
            {
                var id = default(DataViewRowId);
                _sourceId(ref id);
                return findId(id);
            });
        }
        _use = bindings.Use();
    }

    public override DataViewSchema Schema => _bindings.OutputSchema;

    public override long Position => _row < 0 ? -1 : _positions[_row];

    public override long Batch => _row < 0 ? 0 : _batches[_row];

    public override bool MoveNext()
    {
        if (++_row < _count)
            return true;
        _row = Fill() ? 0 : -1;
        if (_row < 0)
            Warn();
        return _row == 0;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _isActive[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = _ids[CurrentRow()];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new ArgumentException($"Column '{column.Name}' is not active in this cursor.", nameof(column));
        var getter = _bindings.IsComputed(column.Index) ? _values!.Getter(column.Index, CurrentRow) : _buffers[column.Index]!.Getter(CurrentRow);
        return getter as ValueGetter<TValue> ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue).Name}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Warn();
            _source.Dispose();
            _use.Dispose();
        }
        base.Dispose(disposing);
    }

    // In the words of ML.NET's own cursors.
    private int CurrentRow() => _row >= 0 ? _row
        : throw new InvalidOperationException("Values cannot be fetched at this time. This method was called either before the first call to MoveNext, or at "
            + "any point after that method returned false.");

    // Once a pass: at its end, or where a consumer leaves it.
    private void Warn()
    {
        if (_unlabeled == 0)
            return;
        using var channel = _host.Start("Transform");
        channel.Warning(
            MessageSensitivity.None,
            $"{_unlabeled} of {_rowsSeen} rows have no label in column '{_bindings.Columns.Label}', or one that the key mapping never met: "
            + "factors that need it "
            + $"{(_bindings.Columns.UnknownLabels == UnknownLabelHandling.Predicted ? "are those of the class that the target predicts" : "are undefined")}. "
            + $"See {nameof(UnlearnFactorsEstimator.Options)}.{nameof(UnlearnFactorsEstimator.Options.UnknownLabels)}.");
        _unlabeled = 0;
    }

    // Batches grow, so that a consumer of a few rows does not pay for a whole one.
    private bool Fill()
    {
        MLNetInternals.CheckAlive(_host);
        var capacity = Math.Min(_capacity, _positions.Length);
        _capacity = Math.Min(_capacity * 8, _positions.Length);
        var width = _bindings.Inputs.FeatureCount;
        // Reused: fresh ones are large enough to have the collector run every few batches.
        if (_values is not null && _features.Length != capacity * width)
            _features = new float[capacity * width];
        var labels = _values is null ? [] : new long[capacity];
        var keys = _input?.Key is null ? null : new long[capacity];
        for (_count = 0; _count < capacity && _source.MoveNext(); _count++)
        {
            (_positions[_count], _batches[_count]) = (_source.Position, _source.Batch);
            _sourceId(ref _ids[_count]);
            foreach (var buffer in _buffers)
                buffer?.Store(_count);
            if (_input is null)
                continue;
            _input.Features(_features.AsSpan(_count * width, width));
            labels[_count] = _input.Label();
            _rowsSeen++;
            if (_needsLabel && labels[_count] < 0)
                _unlabeled++;
            if (keys is not null)
                keys[_count] = _input.Key!();
        }
        var rows = new FactorRows(_features, labels, keys);
        _values?.Load(_count == capacity ? rows : rows.Slice(0, _count));
        return _count > 0;
    }
}
