namespace Unlearn.Onnx;

/// <summary>The affine map since the last layer, in double precision. Without weights it scales and shifts each value, or is the identity.</summary>
internal sealed class OnnxAffine
{
    private double[,]? _weights;
    private double[]? _scale;
    private double[]? _bias;

    /// <summary>Whether it holds a linear layer.</summary>
    public bool IsLinear => _weights is not null;

    /// <summary>Numbers of a row after it; <see langword="null"/> if nothing tells.</summary>
    public int? Width => _weights?.GetLength(0) ?? (_scale ?? _bias)?.Length;

    /// <summary>Ends a linear layer; the map is the identity again.</summary>
    public (double[,] Weights, double[] Bias) Take()
    {
        var taken = (_weights!, _bias!);
        (_weights, _scale, _bias) = (null, null, null);
        return taken;
    }

    /// <summary>Takes the one scale and shift of all values.</summary>
    /// <exception cref="NotSupportedException">Values have different ones.</exception>
    public (double Scale, double Shift) TakeScalars(string type)
    {
        if (IsLinear || Width > 1)
            throw new NotSupportedException(OnnxLayers.Refusal(type, "follows a linear layer, or values that are scaled or shifted each in its own way"));
        var taken = (At(_scale, 0, 1), At(_bias, 0, 0));
        (_scale, _bias) = (null, null);
        return taken;
    }

    /// <summary>Makes another linear layer part of it.</summary>
    /// <param name="type">The operator.</param>
    /// <param name="matrix">Outputs × inputs.</param>
    /// <param name="before">Numbers that come out of the last layer; <see langword="null"/> if nothing tells.</param>
    public void Multiply(string type, double[,] matrix, int? before)
    {
        var (outputs, inner) = (matrix.GetLength(0), matrix.GetLength(1));
        var known = _weights is null && before is not null ? before.Value : Width ?? inner;
        if (known != inner && (known != 1 || _weights is not null) || _weights is null && Width > 1 && Width != inner)
            throw new NotSupportedException(OnnxLayers.Refusal(type, $"takes {inner} values, of which {known} are there"));
        var inputs = _weights?.GetLength(1) ?? inner;
        var product = new double[outputs, inputs];
        var bias = new double[outputs];
        for (var row = 0; row < outputs; row++)
            for (var k = 0; k < inner; k++)
            {
                bias[row] += matrix[row, k] * At(_bias, k, 0);
                if (_weights is null)
                    product[row, k] = matrix[row, k] * At(_scale, k, 1);
                else
                    for (var column = 0; column < inputs; column++)
                        product[row, column] += matrix[row, k] * _weights[k, column];
            }
        (_weights, _scale, _bias) = (product, null, bias);
    }

    public void Shift(double[] terms)
    {
        Demand(terms, "Add");
        var width = Math.Max(_bias?.Length ?? _scale?.Length ?? 1, terms.Length);
        _bias = [.. Enumerable.Range(0, width).Select(i => At(_bias, i, 0) + At(terms, i, 0))];
    }

    public void Scale(double[] factors)
    {
        Demand(factors, "Mul");
        if (_weights is null)
            _scale = [.. Enumerable.Range(0, Math.Max(_scale?.Length ?? 1, factors.Length)).Select(i => At(_scale, i, 1) * At(factors, i, 1))];
        else
            for (var row = 0; row < _weights.GetLength(0); row++)
                for (var column = 0; column < _weights.GetLength(1); column++)
                    _weights[row, column] *= At(factors, row, 1);
        if (_bias is not null)
            _bias = [.. Enumerable.Range(0, Math.Max(_bias.Length, _weights is null ? factors.Length : 1)).Select(i => At(_bias, i, 0) * At(factors, i, 1))];
    }

    private void Demand(double[] values, string type)
    {
        if (values.Length == 0 || _weights is not null && values.Length != 1 && values.Length != _weights.GetLength(0))
            throw new NotSupportedException(OnnxLayers.Refusal(type, $"has {values.Length} numbers for {_bias?.Length} values"));
    }

    private static double At(double[]? values, int index, double otherwise) => values is null ? otherwise : values[values.Length == 1 ? 0 : index];
}
