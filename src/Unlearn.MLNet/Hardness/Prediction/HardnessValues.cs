using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>Computes the added columns of the current row of a source, once for each row.</summary>
internal sealed class HardnessValues : IDisposable
{
    private readonly HardnessBindings _bindings;
    private readonly DataViewRow _source;
    private readonly Action<Span<float>> _read;
    private readonly FactorsRow _row;
    private readonly FactorPredictor.Bound _classifier;
    private readonly (FactorPredictor.Bound Level, FactorPredictor.Bound Spread)[] _methods;
    private readonly float[] _factors;
    private readonly float[] _predicted;
    private readonly float[] _bounds;
    private float _probability;
    private ReadOnlyMemory<char> _recommended;
    private long _loaded = -1;

    public HardnessValues(HardnessBindings bindings, DataViewRow source)
    {
        (_bindings, _source) = (bindings, source);
        var fitted = bindings.Fitted;
        _factors = new float[fitted.FactorNames.Count];
        _read = VectorReader.Create(source, bindings.Factors, "Factor", _factors.Length, () => $"the row at position {source.Position}");
        _row = new FactorsRow(fitted.Classifier.InputSchema);
        _classifier = fitted.Classifier.Bind(_row);
        _methods = [.. fitted.Methods.Select(method => (Bind(method.Model.Level), Bind(method.Model.Spread)))];
        (_predicted, _bounds) = (new float[_methods.Length], new float[_methods.Length]);

        FactorPredictor.Bound Bind(FactorPredictor predictor) => predictor.Bind(new FactorsRow(predictor.InputSchema) { Shared = _row });
    }

    /// <summary>A getter of an output column.</summary>
    public Delegate Getter(int column)
    {
        var place = column - _bindings.InputSchema.Count;
        if (place == 0)
            return Number(() => _probability);
        var method = (place - 1) / 2;
        if (method == _methods.Length)
            return (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) =>
            {
                Load();
                value = _recommended;
            });
        return place % 2 == 1 ? Number(() => _predicted[method]) : Number(() => _bounds[method]);

        ValueGetter<float> Number(Func<float> read) => (ref float value) =>
        {
            Load();
            value = read();
        };
    }

    public void Dispose()
    {
        _classifier.Dispose();
        foreach (var (level, spread) in _methods)
        {
            level.Dispose();
            spread.Dispose();
        }
    }

    private void Load()
    {
        if (_loaded == _source.Position)
            return;
        _read(_factors);
        var isKnown = Array.TrueForAll(_factors, float.IsFinite);
        _row.Load(_factors);
        _probability = isKnown ? _classifier.Value() : float.NaN;
        for (var i = 0; i < _methods.Length; i++)
        {
            var (level, spread) = _methods[i];
            (_predicted[i], _bounds[i]) = isKnown ? _bindings.Fitted.Methods[i].Model.Of(level.Value(), spread.Value()) : (float.NaN, float.PositiveInfinity);
        }
        _recommended = _bindings.Fitted.Recommend(_bounds).AsMemory();
        _loaded = _source.Position;
    }
}
