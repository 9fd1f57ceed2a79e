using System.Text;

namespace Unlearn.Onnx;

/// <summary>What an ONNX file holds, as far as it takes to follow one path from the input to an output.</summary>
internal sealed class OnnxGraph
{
    private readonly List<OnnxNode> _nodes = [];
    private readonly Dictionary<string, OnnxTensor> _constants = new(StringComparer.Ordinal);
    private readonly List<string> _inputs = [];
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
        _inputs.RemoveAll(_constants.ContainsKey);
    }

    /// <summary>A constant by its name; <see langword="null"/> if it is none.</summary>
    public OnnxTensor? Constant(string name) => _constants.GetValueOrDefault(name);

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
        while (!_inputs.Contains(current))
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
                    _inputs.Add(ReadValue(reader.Content).Name);
                    break;
                case 12:
                    _outputs.Add(ReadValue(reader.Content));
                    break;
            }
    }

    private static (string Name, bool IsScores) ReadValue(ReadOnlySpan<byte> message)
    {
        var name = "";
        var isScores = true;
        var reader = new ProtoReader(message);
        while (reader.Read())
            if (reader.Field == 1)
                name = Encoding.UTF8.GetString(reader.Content);
            else if (reader.Field == 2)
                isScores = IsScores(reader.Content);
        return (name, isScores);
    }

    // A tensor of a floating-point type, or a sequence, which is of maps.
    private static bool IsScores(ReadOnlySpan<byte> type)
    {
        var reader = new ProtoReader(type);
        while (reader.Read())
        {
            if (reader.Field != 1)
                continue;
            var tensor = new ProtoReader(reader.Content);
            while (tensor.Read())
                if (tensor.Field == 1)
                    return tensor.Number is 1 or 10 or 11;
        }
        return true;
    }
}
