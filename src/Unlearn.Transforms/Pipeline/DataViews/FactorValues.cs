using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Factors;

namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>
/// The factors of the currently buffered rows. Nothing is computed before the first value is read. Then every factor with a
/// getter is computed for all buffered rows at once.
/// </summary>
internal sealed class FactorValues(FactorBindings bindings)
{
    private readonly SortedSet<int> _wanted = [];
    private readonly float[]?[] _values = new float[bindings.Model.Factors.Count][];
    private FactorRows _rows = new([], [], null);

    /// <summary>Takes the rows of the next buffer.</summary>
    public void Load(FactorRows rows)
    {
        _rows = rows;
        Array.Clear(_values);
    }

    /// <summary>A getter of an output column of ours.</summary>
    /// <param name="column">Index of the output column.</param>
    /// <param name="row">Position of the current row in the buffer.</param>
    public Delegate Getter(int column, Func<int> row)
    {
        int[] factors = [.. bindings.FactorsOf(column)];
        _wanted.UnionWith(factors);
        if (bindings.OutputSchema[column].Type is not VectorDataViewType)
            return (ValueGetter<float>)((ref float value) => value = Value(factors[0], row()));
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
        {
            var editor = VBufferEditor.Create(ref value, factors.Length);
            for (var factor = 0; factor < factors.Length; factor++)
                editor.Values[factor] = Value(factor, row());
            value = editor.Commit();
        });
    }

    private float Value(int factor, int row)
    {
        if (_values[factor] is null)
            bindings.Compute([.. _wanted.Where(wanted => _values[wanted] is null)], _rows, _values!);
        var value = _values[factor]![row];
        if (float.IsFinite(value) || bindings.Columns.Missing == MissingFactorHandling.NaN)
            return value;
        return float.IsNaN(value) ? 0 : float.CopySign(float.MaxValue, value);
    }
}
