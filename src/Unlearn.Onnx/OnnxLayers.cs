using TorchSharp;
using Unlearn.Transforms;
using static TorchSharp.torch.nn;

namespace Unlearn.Onnx;

/// <summary>The layers that a path of operators amounts to: of images, if there are any, then linear ones with activations between them.</summary>
internal sealed class OnnxLayers
{
    private const string Logistic = "LOGISTIC";
    private const double OppositeRows = 1e-6;

    private readonly OnnxGraph _graph;
    private readonly List<OnnxLayer> _layers = [];
    private readonly OnnxAffine _affine = new();
    private readonly List<string> _names = [];
    private IReadOnlyList<long>? _imageShape;
    private OnnxImages? _images;
    private bool _areRows;
    private bool _isProbability;

    /// <exception cref="NotSupportedException">An operator is none that layers have; the message names it.</exception>
    public OnnxLayers(OnnxGraph graph, IReadOnlyList<OnnxNode> path)
    {
        _graph = graph;
        OnnxNode[] operators = [.. path.Where(node => !ChangesNothing(node))];
        foreach (var (index, node) in operators.Index())
            Add(node, isLast: operators.Skip(index + 1).All(IsNormalizer));
        if (!_affine.IsLinear)
            throw new NotSupportedException(Refusal(operators.LastOrDefault()?.Type ?? "output", "ends it, where a linear layer should give the scores"));
        var (weights, bias) = _affine.Take();
        _layers.Add(bias.Length == 1 ? OfSecondClass(weights, bias[0]) : OnnxLayer.Linear(weights, bias));
        Dictionary<string, int> counts = [];
        foreach (var layer in _layers)
        {
            var kind = layer.Kind == "linear" ? "hidden" : layer.Kind;
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
            _names.Add(Invariant($"{kind}{counts[kind]}"));
        }
        _names[^1] = "output";
    }

    /// <summary>The module's architecture: a perceptron where it is one, else one that is named by its layers.</summary>
    public TorchArchitecture ToArchitecture()
    {
        var classes = _layers[^1].Bias.Length;
        if (_layers.Index().All(entry => entry.Item.Kind == (entry.Index % 2 == 0 ? "linear" : "relu")))
            return TorchArchitecture.Mlp(
                (int)_layers[0].Shape[1], classes, [.. _layers.SkipLast(1).Where(layer => layer.Shape.Length > 0).Select(layer => layer.Bias.Length)]);
        // The weights are no part of it.
        (string Name, Func<Module<torch.Tensor, torch.Tensor>> Create)[] parts = [.. _names.Zip(_layers, (name, layer) => (name, layer.Create))];
        return TorchArchitecture.Custom(
            $"onnx/1 {string.Join(' ', _layers.Select(layer => layer.Kind + layer.Sizes))}", _imageShape ?? [_layers[0].Shape[1]], classes,
            () => Sequential(parts.Select(part => (part.Name, part.Create()))));
    }

    /// <summary>Weights as the architecture names them.</summary>
    public Dictionary<string, torch.Tensor> ToState()
    {
        Dictionary<string, torch.Tensor> state = new(StringComparer.Ordinal);
        foreach (var (name, layer) in _names.Zip(_layers))
            layer.AddTo(state, name);
        return state;
    }

    /// <summary>What a user is told of an operator.</summary>
    public static string Refusal(string type, string why) =>
        $"Operator '{type}' of the ONNX model {why}, so the model cannot be read with its gradients: read it as a black box by "
        + $"{nameof(OnnxTarget)}.{nameof(OnnxTarget.FromFile)}.";

    private static bool ChangesNothing(OnnxNode node) =>
        node.Type is "Identity" or "Dropout" or "ZipMap" || node.Type == "Cast" && node.Integer("to", 1) is 1 or 10 or 11;

    private static bool IsNormalizer(OnnxNode node) => node.Type == "Normalizer" && node.Text("norm", "MAX") == "L1";

    private bool Flattens(OnnxNode node) => node.Type == "Flatten" && node.Integer("axis", 1) == 1
        || node.Type == "Reshape" && _graph.Constant(node, 1) is { Values: [0 or -1, _] };

    private void Add(OnnxNode node, bool isLast)
    {
        if (_isProbability)
        {
            if (!IsNormalizer(node) && !Flattens(node))
                throw new NotSupportedException(Refusal(node.Type, "follows probabilities"));
            return;
        }
        if (StartOfImages(node) is { } size)
        {
            _imageShape = [size.Channels, size.Height, size.Width];
            var (scale, shift) = _affine.TakeScalars(node.Type);
            _images = new(_graph, size, scale, shift, _layers);
            if (node.Type == "Reshape")
                return;
        }
        if (!Flattens(node))
            if (_images is null)
                AddToRows(node, isLast);
            else
                _images.Add(node);
        else
        {
            _images?.Flatten(node.Type);
            (_images, _areRows) = (null, true);
        }
    }

    private (long Channels, long Height, long Width)? StartOfImages(OnnxNode node)
    {
        if (_images is not null || _areRows || _layers.Count > 0 || _affine.IsLinear)
            return null;
        return node.Type switch
        {
            "Reshape" when _graph.Constant(node, 1) is { Values: [0 or -1, var channels, var height, var width] } =>
                OnnxImages.Sizes([(long)channels, (long)height, (long)width]),
            "Conv" or "MaxPool" or "AveragePool" or "GlobalAveragePool" => OnnxImages.Sizes([.. _graph.InputShape.Skip(1)])
                ?? throw new NotSupportedException(
                    Refusal(node.Type, $"takes images, of whose sizes the input says [{string.Join(" × ", _graph.InputShape)}]")),
            _ => null,
        };
    }

    private void AddToRows(OnnxNode node, bool isLast)
    {
        switch (node.Type)
        {
            case "MatMul" when _graph.Constant(node, 1) is { Shape.Count: 2 } weights:
                Multiply(node, Matrix(weights, isTransposed: true));
                break;
            case "Gemm" when _graph.Constant(node, 1) is { Shape.Count: 2 } weights && node.Integer("transA", 0) == 0:
                Multiply(node, Scaled(Matrix(weights, isTransposed: node.Integer("transB", 0) == 0), node.Single("alpha", 1)));
                if (node.Inputs.Count > 2 && node.Inputs[2].Length > 0)
                    _affine.Shift(_graph.Constant(node, 2) is { } bias ? [.. bias.Values.Select(value => value * node.Single("beta", 1))]
                        : throw new NotSupportedException(Refusal(node.Type, "has a bias that is no constant")));
                break;
            case "Add" when Other(node) is { } terms:
                _affine.Shift(terms);
                break;
            case "Mul" when Other(node) is { } factors:
                _affine.Scale(factors);
                break;
            case "Sub" when _graph.Constant(node, 1) is { } terms:
                _affine.Shift([.. terms.Values.Select(value => -value)]);
                break;
            case "Div" when _graph.Constant(node, 1) is { } divisors:
                _affine.Scale([.. divisors.Values.Select(value => 1 / value)]);
                break;
            case "Scaler":
                _affine.Shift([.. node.Singles("offset").Select(value => -(double)value)]);
                _affine.Scale([.. node.Singles("scale").Select(value => (double)value)]);
                break;
            case "BatchNormalization":
                var (scale, shift) = _graph.Normalization(node);
                _affine.Scale(scale);
                _affine.Shift(shift);
                break;
            case "LinearClassifier":
                AddClassifier(node);
                break;
            case "Concat" when _affine is { IsLinear: true, Width: 1 }: // see OnnxGraph.Path
                Multiply(node, new double[,] { { -1 }, { 1 } });
                break;
            case "Softmax" or "LogSoftmax" when _affine.Width > 1 && node.Integer("axis", -1) is -1 or 1:
                _isProbability = node.Type == "Softmax";
                break;
            case "Sigmoid" when isLast && _affine is { IsLinear: true, Width: 1 }:
                _isProbability = true;
                break;
            case "Relu" or "Tanh" or "Sigmoid" when _affine.IsLinear:
                var (matrix, biases) = _affine.Take();
                _layers.AddRange([OnnxLayer.Linear(matrix, biases), OnnxLayer.Activation(node.Type)]);
                break;
            case "Relu" or "Tanh" or "Sigmoid" when _affine.Width is null && _layers.Count > 0:
                _layers.Add(OnnxLayer.Activation(node.Type));
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
        var width = weights.GetLength(1);
        Multiply(node, isPair ? Matrix(new([1, width], [.. Enumerable.Range(0, width).Select(i => weights[1, i])]), isTransposed: false) : weights);
        _affine.Shift(isPair ? [bias[1]] : [.. bias.Select(value => (double)value)]);
        _isProbability = after != "NONE";
    }

    private void Multiply(OnnxNode node, double[,] matrix) =>
        _affine.Multiply(node.Type, matrix, _layers.FindLast(layer => layer.Outputs > 0)?.Outputs);

    private double[]? Other(OnnxNode node) => (_graph.Constant(node, 1) ?? _graph.Constant(node, 0))?.Values;

    private static OnnxLayer OfSecondClass(double[,] weights, double bias)
    {
        var both = new double[2, weights.GetLength(1)];
        for (var i = 0; i < weights.GetLength(1); i++)
            both[1, i] = weights[0, i];
        return OnnxLayer.Linear(both, [0, bias]);
    }

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
