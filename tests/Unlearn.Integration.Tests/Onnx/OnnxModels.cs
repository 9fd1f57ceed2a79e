using System.Text;

namespace Unlearn.Integration.Tests.Onnx;

/// <summary>Tiny ONNX models, written by hand: protocol buffers of the fields that ONNX Runtime needs.</summary>
internal static class OnnxModels
{
    private const int Float = 1;
    private const int Int64 = 7;
    private const string MachineLearning = "ai.onnx.ml";

    /// <summary>scores = x W + b, after flattening, and a softmax if asked for.</summary>
    /// <param name="weights">W, row-major, features × classes.</param>
    /// <param name="bias">b.</param>
    /// <param name="inputShape">Shape of the input with its batch, 0 for a size that is left open.</param>
    /// <param name="softmax">Whether the output is probabilities.</param>
    /// <param name="zipMap">Whether it is a map of them for each row beside a label, as scikit-learn's classifiers are exported by default.</param>
    public static byte[] Linear(float[] weights, float[] bias, long[] inputShape, bool softmax = false, bool zipMap = false)
    {
        var features = weights.Length / bias.Length;
        var graph = new MemoryStream();
        Add(graph, 1, Node("Flatten", ["x"], "flat"));
        Add(graph, 1, Node("Gemm", ["flat", "W", "b"], softmax ? "raw" : "scores"));
        if (softmax)
            Add(graph, 1, Node("Softmax", ["raw"], "scores"));
        Add(graph, 2, "linear");
        Add(graph, 5, Tensor("W", [features, bias.Length], weights));
        Add(graph, 5, Tensor("b", [bias.Length], bias));
        Add(graph, 11, Value("x", inputShape));
        if (zipMap)
        {
            Add(graph, 1, ZipMap("scores", "maps", bias.Length));
            Add(graph, 1, Node("ArgMax", ["scores"], "label"));
            Add(graph, 12, Value("label", [1, inputShape[0]], Int64));
            Add(graph, 12, Maps("maps"));
        }
        else
            Add(graph, 12, Value("scores", [inputShape[0], bias.Length]));
        var opset = new MemoryStream();
        Add(opset, 2, 13);
        var model = new MemoryStream();
        Add(model, 1, 8);
        Add(model, 7, graph.ToArray());
        Add(model, 8, opset.ToArray());
        var mlOpset = new MemoryStream();
        Add(mlOpset, 1, MachineLearning);
        Add(mlOpset, 2, 1);
        Add(model, 8, mlOpset.ToArray());
        return model.ToArray();
    }

    /// <summary>A model of some operators from the input <c>x</c> to the output <c>scores</c>.</summary>
    /// <param name="nodes">The operators; see <see cref="Node"/>.</param>
    /// <param name="constants">The constants, whose types are those of ONNX.</param>
    /// <param name="inputShape">Shape of the input with its batch, 0 for a size that is left open.</param>
    /// <param name="outputs">Scores of a row.</param>
    /// <param name="opset">Version of the operators.</param>
    /// <param name="element">Type of the input and the scores: 1 float, 10 float16, 11 double.</param>
    public static byte[] Chain(
        byte[][] nodes, (string Name, long[] Shape, float[] Values)[] constants, long[] inputShape, int outputs, int opset = 13, int element = Float)
    {
        var graph = new MemoryStream();
        foreach (var node in nodes)
            Add(graph, 1, node);
        Add(graph, 2, "chain");
        foreach (var (name, shape, values) in constants)
            Add(graph, 5, Tensor(name, shape, values));
        Add(graph, 11, Value("x", inputShape, element));
        Add(graph, 12, Value("scores", [inputShape[0], outputs], element));
        var version = new MemoryStream();
        Add(version, 2, opset);
        var model = new MemoryStream();
        Add(model, 1, 7);
        Add(model, 7, graph.ToArray());
        Add(model, 8, version.ToArray());
        return model.ToArray();
    }

    public static byte[] Node(string type, string[] inputs, string output, params (string Name, object Value)[] attributes)
    {
        var node = new MemoryStream();
        foreach (var input in inputs)
            Add(node, 1, input);
        Add(node, 2, output);
        Add(node, 4, type);
        foreach (var (name, value) in attributes)
        {
            var attribute = new MemoryStream();
            Add(attribute, 1, name);
            if (value is int number)
            {
                Add(attribute, 3, number);
                Add(attribute, 20, 2);
            }
            else if (value is string text)
            {
                Add(attribute, 4, text);
                Add(attribute, 20, 3);
            }
            else if (value is int[] numbers)
            {
                foreach (var each in numbers)
                    Add(attribute, 8, each);
                Add(attribute, 20, 7);
            }
            else
            {
                Varint(attribute, 2 << 3 | 5);
                attribute.Write(BitConverter.GetBytes((float)value));
                Add(attribute, 20, 1);
            }
            Add(node, 5, attribute.ToArray());
        }
        return node.ToArray();
    }

    /// <summary>A constant of integers, such as the shape that a Reshape makes.</summary>
    public static byte[] Integers(string output, params long[] values)
    {
        var tensor = new MemoryStream();
        Add(tensor, 1, values.Length);
        Add(tensor, 2, Int64);
        Add(tensor, 9, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        var attribute = new MemoryStream();
        Add(attribute, 1, "value");
        Add(attribute, 5, tensor.ToArray());
        Add(attribute, 20, 4);
        var node = new MemoryStream();
        node.Write(Node("Constant", [], output));
        Add(node, 5, attribute.ToArray());
        return node.ToArray();
    }

    private static byte[] ZipMap(string input, string output, int classes)
    {
        var labels = new MemoryStream();
        Add(labels, 1, "classlabels_int64s");
        for (var label = 0; label < classes; label++)
            Add(labels, 8, label);
        Add(labels, 20, 7);
        var node = new MemoryStream();
        node.Write(Node("ZipMap", [input], output));
        Add(node, 5, labels.ToArray());
        Add(node, 7, MachineLearning);
        return node.ToArray();
    }

    // A sequence of maps from integers to floats.
    private static byte[] Maps(string name)
    {
        var tensor = new MemoryStream();
        Add(tensor, 1, Float);
        var ofValues = new MemoryStream();
        Add(ofValues, 1, tensor.ToArray());
        var map = new MemoryStream();
        Add(map, 1, Int64);
        Add(map, 2, ofValues.ToArray());
        var ofMaps = new MemoryStream();
        Add(ofMaps, 5, map.ToArray());
        var sequence = new MemoryStream();
        Add(sequence, 1, ofMaps.ToArray());
        var type = new MemoryStream();
        Add(type, 4, sequence.ToArray());
        var value = new MemoryStream();
        Add(value, 1, name);
        Add(value, 2, type.ToArray());
        return value.ToArray();
    }

    private static byte[] Tensor(string name, long[] shape, float[] values)
    {
        var tensor = new MemoryStream();
        foreach (var size in shape)
            Add(tensor, 1, size);
        Add(tensor, 2, Float);
        Add(tensor, 8, name);
        Add(tensor, 9, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        return tensor.ToArray();
    }

    private static byte[] Value(string name, long[] sizes, int element = Float)
    {
        var shape = new MemoryStream();
        foreach (var size in sizes)
        {
            var dimension = new MemoryStream();
            if (size > 0)
                Add(dimension, 1, size);
            else
                Add(dimension, 2, "n");
            Add(shape, 1, dimension.ToArray());
        }
        var tensor = new MemoryStream();
        Add(tensor, 1, element);
        Add(tensor, 2, shape.ToArray());
        var type = new MemoryStream();
        Add(type, 1, tensor.ToArray());
        var value = new MemoryStream();
        Add(value, 1, name);
        Add(value, 2, type.ToArray());
        return value.ToArray();
    }

    private static void Add(Stream message, int field, long number)
    {
        Varint(message, (ulong)field << 3);
        Varint(message, (ulong)number);
    }

    private static void Add(Stream message, int field, string text) => Add(message, field, Encoding.UTF8.GetBytes(text));

    private static void Add(Stream message, int field, byte[] content)
    {
        Varint(message, (ulong)field << 3 | 2);
        Varint(message, (ulong)content.Length);
        message.Write(content);
    }

    private static void Varint(Stream message, ulong value)
    {
        for (; value > 0x7f; value >>= 7)
            message.WriteByte((byte)(value | 0x80));
        message.WriteByte((byte)value);
    }
}
