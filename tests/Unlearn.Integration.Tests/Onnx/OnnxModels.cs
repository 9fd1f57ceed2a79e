using System.Text;

namespace Unlearn.Integration.Tests.Onnx;

/// <summary>Tiny ONNX models, written by hand: protocol buffers of the fields that ONNX Runtime needs.</summary>
internal static class OnnxModels
{
    private const int Float = 1;

    /// <summary>scores = x W + b, after flattening, and a softmax if asked for.</summary>
    /// <param name="weights">W, row-major, features × classes.</param>
    /// <param name="bias">b.</param>
    /// <param name="inputShape">Shape of the input with its batch, 0 for a size that is left open.</param>
    /// <param name="softmax">Whether the output is probabilities.</param>
    public static byte[] Linear(float[] weights, float[] bias, long[] inputShape, bool softmax = false)
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
        Add(graph, 12, Value("scores", [inputShape[0], bias.Length]));
        var opset = new MemoryStream();
        Add(opset, 2, 13);
        var model = new MemoryStream();
        Add(model, 1, 8);
        Add(model, 7, graph.ToArray());
        Add(model, 8, opset.ToArray());
        return model.ToArray();
    }

    private static byte[] Node(string type, string[] inputs, string output)
    {
        var node = new MemoryStream();
        foreach (var input in inputs)
            Add(node, 1, input);
        Add(node, 2, output);
        Add(node, 4, type);
        return node.ToArray();
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

    private static byte[] Value(string name, long[] sizes)
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
        Add(tensor, 1, Float);
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
