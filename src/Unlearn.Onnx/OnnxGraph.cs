using System.Text;

namespace Unlearn.Onnx;

/// <summary>What an ONNX file holds, as far as it takes to follow one path from the input to an output.</summary>
internal sealed class OnnxGraph
{
    private readonly List<OnnxNode> _nodes = [];
    private readonly Dictionary<string, OnnxTensor> _constants = new(StringComparer.Ordinal);
    private readonly List<(string Name, IReadOnlyList<long> Shape)> _inputs = [];
    private readonly List<(string Name, bool IsScores)> _outputs = [];

    /// <summary>Reads a model.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public OnnxGraph(ReadOnlySpan<byte> model)
    {
        var isThere = false;
        var reader = new ProtoReader(model);
        while (reader.Read())
            if (reader.Field == 7)
            {
                isThere = true;
                ReadGraph(reader.Content);
            }
        if (!isThere)
            throw new FormatException("This is no ONNX model: it holds no graph.");
        foreach (var node in _nodes.Where(node => node is { Type: "Constant", Value: not null }))
            _constants[node.Outputs[0]] = node.Value!;
        _inputs.RemoveAll(input => _constants.ContainsKey(input.Name));
    }

    /// <summary>A constant by its name; <see langword="null"/> if it is none.</summary>
    public OnnxTensor? Constant(string name) => _constants.GetValueOrDefault(name);

    /// <summary>A constant among an operator's inputs; <see langword="null"/> if it is none.</summary>
    /// <exception cref="FormatException">It has not the numbers that its shape says.</exception>
    public OnnxTensor? Constant(OnnxNode node, int input)
    {
        var constant = node.Inputs.Count > input ? Constant(node.Inputs[input]) : null;
        return constant is null || constant.Values.LongLength == constant.Shape.Aggregate(1L, (product, size) => product * size)
            ? constant
            : throw new FormatException($"Constant '{node.Inputs[input]}' has not the numbers that its shape says.");
    }

    /// <summary>What a batch normalization, which has its statistics, multiplies each channel by, and what it then adds.</summary>
    /// <exception cref="NotSupportedException">It is one of a training, or its numbers are no constants.</exception>
    public (double[] Factors, double[] Terms) Normalization(OnnxNode node)
    {
        double[][] numbers = [.. Enumerable.Range(1, 4).Select(input => Constant(node, input)?.Values ?? [])];
        if (numbers.Any(values => values.Length == 0 || values.Length != numbers[0].Length) || node.Integer("training_mode", 0) != 0)
            throw new NotSupportedException(OnnxLayers.Refusal(node.Type, "normalizes by the batch, or by numbers that are no constants"));
        var (scale, shift, mean, variance) = (numbers[0], numbers[1], numbers[2], numbers[3]);
        double[] factors = [.. scale.Zip(variance, (value, square) => value / Math.Sqrt(square + node.Single("epsilon", 1e-5f)))];
        return (factors, [.. factors.Select((factor, i) => shift[i] - factor * mean[i])]);
    }

    /// <summary>Shape of the only input with its batch, 0 for a size that is left open; empty if the model does not say.</summary>
    public IReadOnlyList<long> InputShape => _inputs is [var (_, shape)] ? shape : [];

    /// <summary>The operators from the only input to an output, in order.</summary>
    /// <param name="output">Name of the output; <see langword="null"/> for the only one of floats, or of maps to them.</param>
    /// <exception cref="ArgumentException">There is no such output, or more than one.</exception>
    /// <exception cref="NotSupportedException">An operator joins two values that are computed.</exception>
    public List<OnnxNode> Path(string? output)
    {
        string[] known = [.. _outputs.Select(found => found.Name)];
        string[] scores = [.. _outputs.Where(found => output is null ? found.IsScores : found.Name == output).Select(found => found.Name)];
        if (scores is not [var current])
            throw new ArgumentException(
                $"The model has the outputs {string.Join(", ", known.Select(name => $"'{name}'"))}: name one of scores.", nameof(output));
        List<OnnxNode> path = [];
        while (!_inputs.Exists(input => input.Name == current))
        {
            var node = _nodes.Find(node => node.Outputs.Contains(current)) ?? throw new FormatException($"Nothing gives '{current}' in the ONNX model.");
            string[] computed = [.. node.Inputs.Where(name => name.Length > 0 && !_constants.ContainsKey(name)).Distinct()];
            if (IsPair(node, computed))
                computed = [computed[1]];
            if (computed.Length != 1 || path.Count > _nodes.Count)
                throw new NotSupportedException(OnnxLayers.Refusal(node.Type, "takes more than one computed value"));
            path.Insert(0, node);
            current = computed[0];
        }
        return path;
    }

    // What scikit-learn's exporters make of a binary model's score: its opposite, and itself.
    private bool IsPair(OnnxNode node, string[] computed) => node.Type == "Concat" && computed is [var first, var second]
        && _nodes.Find(other => other.Outputs.Contains(first)) is { } opposite && opposite.Inputs.Contains(second)
        && (opposite.Type == "Neg" || opposite is { Type: "Mul" } && opposite.Inputs.Any(name => Constant(name) is { Values: [-1] }));

    private void ReadGraph(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        while (reader.Read())
            switch (reader.Field)
            {
                case 1:
                    _nodes.Add(OnnxNode.Read(reader.Content));
                    break;
                case 5:
                    var (name, tensor) = OnnxTensor.Read(reader.Content);
                    _constants[name] = tensor;
                    break;
                case 11:
                    var input = ReadValue(reader.Content);
                    _inputs.Add((input.Name, input.Shape));
                    break;
                case 12:
                    var output = ReadValue(reader.Content);
                    _outputs.Add((output.Name, output.IsScores));
                    break;
            }
    }

    private static (string Name, bool IsScores, IReadOnlyList<long> Shape) ReadValue(ReadOnlySpan<byte> message)
    {
        var name = "";
        var (isScores, shape) = (true, (IReadOnlyList<long>)[]);
        var reader = new ProtoReader(message);
        while (reader.Read())
            if (reader.Field == 1)
                name = Encoding.UTF8.GetString(reader.Content);
            else if (reader.Field == 2)
                (isScores, shape) = ReadType(reader.Content);
        return (name, isScores, shape);
    }

    // Scores are a tensor of a floating-point type, or a sequence, which is of maps.
    private static (bool IsScores, IReadOnlyList<long> Shape) ReadType(ReadOnlySpan<byte> type)
    {
        var isScores = true;
        List<long> shape = [];
        var reader = new ProtoReader(type);
        while (reader.Read())
        {
            if (reader.Field != 1)
                continue;
            isScores = false;
            var tensor = new ProtoReader(reader.Content);
            while (tensor.Read())
                if (tensor.Field == 1)
                    isScores = tensor.Number is 1 or 10 or 11;
                else if (tensor.Field == 2)
                    ReadShape(tensor.Content, shape);
        }
        return (isScores, shape);
    }

    // 0 for a size that is left open.
    private static void ReadShape(ReadOnlySpan<byte> message, List<long> shape)
    {
        var reader = new ProtoReader(message);
        while (reader.Read())
        {
            if (reader.Field != 1)
                continue;
            shape.Add(0);
            var dimension = new ProtoReader(reader.Content);
            while (dimension.Read())
                if (dimension.Field == 1)
                    shape[^1] = dimension.Number;
        }
    }
}
