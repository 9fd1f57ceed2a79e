using TorchSharp;

namespace Unlearn.Onnx;

/// <summary>The linear layers, with ReLU between them, that a path of operators amounts to; computed in double precision.</summary>
internal sealed class OnnxLayers
{
    private const string Logistic = "LOGISTIC";
    private const double OppositeRows = 1e-6;

    private readonly OnnxGraph _graph;
    private readonly List<(double[,] Weights, double[] Bias)> _layers = [];

    // The affine map since the last ReLU. Without weights it scales and shifts each value, or, without any, is the identity.
    private double[,]? _weights;
    private double[]? _scale;
    private double[]? _bias;
    private bool _isProbability;

    /// <exception cref="NotSupportedException">An operator is none that layers have; the message names it.</exception>
    public OnnxLayers(OnnxGraph graph, IEnumerable<OnnxNode> path)
    {
        _graph = graph;
        foreach (var node in path)
            Add(node);
        if (_weights is null)
            throw new NotSupportedException(Refusal(_layers.Count == 0 ? "output" : "Relu", "is not preceded by a linear layer"));
        _layers.Add((_weights, _bias!));
    }

    /// <summary>Features of a row.</summary>
    public int FeatureCount => _layers[0].Weights.GetLength(1);

    /// <summary>Widths of the hidden layers.</summary>
    public int[] Hidden => [.. _layers.SkipLast(1).Select(layer => layer.Bias.Length)];

    /// <summary>Number of classes; a single output is the second of two.</summary>
    public int ClassCount => Math.Max(2, _layers[^1].Bias.Length);

    /// <summary>Weights as a perceptron names them.</summary>
    public Dictionary<string, torch.Tensor> ToState()
    {
        Dictionary<string, torch.Tensor> state = new(StringComparer.Ordinal);
        foreach (var (index, (weights, bias)) in _layers.Index())
        {
            // A binary model's single logit: the first class has the logit 0.
            var (outputs, inputs, first) = (bias.Length, weights.GetLength(1), index == _layers.Count - 1 && bias.Length == 1 ? 1 : 0);
            var values = new float[(outputs + first) * inputs];
            for (var i = 0; i < outputs * inputs; i++)
                values[first * inputs + i] = (float)weights[i / inputs, i % inputs];
            var name = index == _layers.Count - 1 ? "output" : $"hidden{index + 1}";
            state[$"{name}.weight"] = torch.tensor(values, [outputs + first, inputs]);
            state[$"{name}.bias"] = torch.tensor([.. new float[first], .. bias.Select(value => (float)value)]);
        }
        return state;
    }

    /// <summary>What a user is told of an operator.</summary>
    public static string Refusal(string type, string why) =>
        $"Operator '{type}' of the ONNX model {why}, so the model is no linear one or perceptron with ReLU: read it as a black box by "
        + $"{nameof(OnnxTarget)}.{nameof(OnnxTarget.FromFile)}.";

    private void Add(OnnxNode node)
    {
        switch (node.Type)
        {
            case "Identity" or "Dropout":
            case "Cast" when node.Integer("to", 1) is 1 or 10 or 11:
            case "Flatten" when node.Integer("axis", 1) == 1:
            case "Reshape" when _graph.Constant(node.Inputs[1]) is { Values: [0 or -1, _] }:
            case "ZipMap":
            case "Normalizer" when _isProbability && node.Text("norm", "MAX") == "L1":
                return;
        }
        if (_isProbability)
            throw new NotSupportedException(Refusal(node.Type, "follows probabilities"));
        switch (node.Type)
        {
            case "MatMul" when Constant(node, 1) is { Shape.Count: 2 } weights:
                Multiply(Matrix(weights, isTransposed: true));
                break;
            case "Gemm" when Constant(node, 1) is { Shape.Count: 2 } weights && node.Integer("transA", 0) == 0:
                Multiply(Scaled(Matrix(weights, isTransposed: node.Integer("transB", 0) == 0), node.Single("alpha", 1)));
                if (node.Inputs.Count > 2 && node.Inputs[2].Length > 0)
                    Shift(Constant(node, 2) is { } bias ? [.. bias.Values.Select(value => value * node.Single("beta", 1))] : throw NoConstant(node));
                break;
            case "Add" when Other(node) is { } terms:
                Shift(terms);
                break;
            case "Mul" when Other(node) is { } factors:
                Scale(factors);
                break;
            case "Sub" when Constant(node, 1) is { } terms:
                Shift([.. terms.Values.Select(value => -value)]);
                break;
            case "Div" when Constant(node, 1) is { } divisors:
                Scale([.. divisors.Values.Select(value => 1 / value)]);
                break;
            case "Scaler":
                Shift([.. node.Singles("offset").Select(value => -(double)value)]);
                Scale([.. node.Singles("scale").Select(value => (double)value)]);
                break;
            case "LinearClassifier":
                AddClassifier(node);
                break;
            case "Concat" when _weights is not null && _bias?.Length == 1: // see OnnxGraph.Path
                Multiply(new double[,] { { -1 }, { 1 } });
                break;
            case "Relu" when _weights is not null:
                _layers.Add((_weights, _bias!));
                (_weights, _scale, _bias) = (null, null, null);
                break;
            case "Softmax" or "LogSoftmax" when _bias?.Length > 1 && node.Integer("axis", -1) is -1 or 1:
                _isProbability = node.Type == "Softmax";
                break;
            case "Sigmoid" when _bias?.Length == 1 && _weights is not null:
                _isProbability = true;
                break;
            default:
                throw new NotSupportedException(Refusal(node.Type, "has no equal among layers here"));
        }
    }

    private void AddClassifier(OnnxNode node)
    {
        var (coefficients, bias, after) = (node.Singles("coefficients"), node.Singles("intercepts"), node.Text("post_transform", "NONE"));
        if (bias.Length == 0 || coefficients.Length % bias.Length != 0)
            throw new NotSupportedException(Refusal(node.Type, "has no intercept for each row of coefficients"));
        var weights = Matrix(new([bias.Length, coefficients.Length / bias.Length], [.. coefficients.Select(value => (double)value)]), isTransposed: false);
        // Two classes as opposites: the logistic function of each is the softmax of 0 and the second.
        var isPair = after == Logistic && bias.Length == 2 && Math.Abs(bias[0] + bias[1]) < OppositeRows
            && Enumerable.Range(0, weights.GetLength(1)).All(i => Math.Abs(weights[0, i] + weights[1, i]) < OppositeRows);
        if (!isPair && after is not ("NONE" or "SOFTMAX") && !(after == Logistic && bias.Length == 1))
            throw new NotSupportedException(Refusal(node.Type, $"makes probabilities of {bias.Length} classes by {after}"));
        Multiply(isPair ? Matrix(new([1, weights.GetLength(1)], [.. Enumerable.Range(0, weights.GetLength(1)).Select(i => weights[1, i])]), false) : weights);
        Shift(isPair ? [bias[1]] : [.. bias.Select(value => (double)value)]);
        _isProbability = after != "NONE";
    }

    private OnnxTensor? Constant(OnnxNode node, int input)
    {
        var constant = node.Inputs.Count > input ? _graph.Constant(node.Inputs[input]) : null;
        return constant is null || constant.Values.LongLength == constant.Shape.Aggregate(1L, (product, size) => product * size)
            ? constant
            : throw new FormatException($"Constant '{node.Inputs[input]}' has not the numbers that its shape says.");
    }

    private double[]? Other(OnnxNode node) => (Constant(node, 1) ?? Constant(node, 0))?.Values;

    private static NotSupportedException NoConstant(OnnxNode node) => new(Refusal(node.Type, "has a bias that is no constant"));

    private void Multiply(double[,] matrix)
    {
        var (outputs, inner) = (matrix.GetLength(0), matrix.GetLength(1));
        var known = _weights?.GetLength(0) ?? (_scale ?? _bias)?.Length ?? inner;
        if (known != inner && known != 1)
            throw new NotSupportedException(Refusal("MatMul", $"takes {inner} values, of which {known} are there"));
        var inputs = _weights?.GetLength(1) ?? inner;
        var product = new double[outputs, inputs];
        var bias = new double[outputs];
        for (var row = 0; row < outputs; row++)
            for (var k = 0; k < inner; k++)
            {
                bias[row] += matrix[row, k] * (_bias is null ? 0 : _bias[_bias.Length == 1 ? 0 : k]);
                if (_weights is null)
                    product[row, k] = matrix[row, k] * (_scale is null ? 1 : _scale[_scale.Length == 1 ? 0 : k]);
                else
                    for (var column = 0; column < inputs; column++)
                        product[row, column] += matrix[row, k] * _weights[k, column];
            }
        (_weights, _scale, _bias) = (product, null, bias);
    }

    private void Shift(double[] terms)
    {
        Demand(terms, "Add");
        var width = Math.Max(_bias?.Length ?? _scale?.Length ?? 1, terms.Length);
        _bias = [.. Enumerable.Range(0, width).Select(i => At(_bias, i, 0) + At(terms, i, 0))];
    }

    private void Scale(double[] factors)
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
            throw new NotSupportedException(Refusal(type, $"has {values.Length} numbers for {_bias?.Length} values"));
    }

    private static double At(double[]? values, int index, double otherwise) => values is null ? otherwise : values[values.Length == 1 ? 0 : index];

    private static double[,] Matrix(OnnxTensor tensor, bool isTransposed)
    {
        var (rows, columns) = ((int)tensor.Shape[0], (int)tensor.Shape[1]);
        var matrix = isTransposed ? new double[columns, rows] : new double[rows, columns];
        for (var i = 0; i < tensor.Values.Length; i++)
            if (isTransposed)
                matrix[i % columns, i / columns] = tensor.Values[i];
            else
                matrix[i / columns, i % columns] = tensor.Values[i];
        return matrix;
    }

    private static double[,] Scaled(double[,] matrix, double factor)
    {
        for (var row = 0; row < matrix.GetLength(0); row++)
            for (var column = 0; column < matrix.GetLength(1); column++)
                matrix[row, column] *= factor;
        return matrix;
    }
}
