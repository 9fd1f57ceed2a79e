using System.Text;

namespace Unlearn.Onnx;

/// <summary>An operator of an ONNX graph.</summary>
/// <param name="Type">Name of the operator.</param>
/// <param name="Inputs">Names of its inputs; an optional one that is left out is empty.</param>
/// <param name="Outputs">Names of its outputs.</param>
internal sealed record OnnxNode(string Type, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs)
{
    private readonly Dictionary<string, long> _integers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, float> _singles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, float[]> _lists = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<long>> _sizes = new(StringComparer.Ordinal);

    /// <summary>The tensor among its attributes, which a constant has.</summary>
    public OnnxTensor? Value { get; private set; }

    public long Integer(string attribute, long otherwise) => _integers.GetValueOrDefault(attribute, otherwise);

    public float Single(string attribute, float otherwise) => _singles.GetValueOrDefault(attribute, otherwise);

    public string Text(string attribute, string otherwise) => _texts.GetValueOrDefault(attribute, otherwise);

    public float[] Singles(string attribute) => _lists.GetValueOrDefault(attribute, []);

    public IReadOnlyList<long>? Integers(string attribute) => _sizes.GetValueOrDefault(attribute);

    /// <summary>Reads a message of the type NodeProto.</summary>
    public static OnnxNode Read(ReadOnlySpan<byte> message)
    {
        List<string> inputs = [];
        List<string> outputs = [];
        var type = "";
        var reader = new ProtoReader(message);
        while (reader.Read())
            switch (reader.Field)
            {
                case 1:
                    inputs.Add(Encoding.UTF8.GetString(reader.Content));
                    break;
                case 2:
                    outputs.Add(Encoding.UTF8.GetString(reader.Content));
                    break;
                case 4:
                    type = Encoding.UTF8.GetString(reader.Content);
                    break;
            }
        var node = new OnnxNode(type, inputs, outputs);
        reader = new(message);
        while (reader.Read())
            if (reader.Field == 5)
                node.ReadAttribute(reader.Content);
        return node;
    }

    private void ReadAttribute(ReadOnlySpan<byte> message)
    {
        var name = "";
        List<float> singles = [];
        List<long> integers = [];
        var reader = new ProtoReader(message);
        while (reader.Read())
            if (reader.Field == 1)
                name = Encoding.UTF8.GetString(reader.Content);
        reader = new(message);
        while (reader.Read())
            switch (reader.Field)
            {
                case 2:
                    _singles[name] = BitConverter.Int32BitsToSingle((int)reader.Number);
                    break;
                case 3:
                    _integers[name] = reader.Number;
                    break;
                case 4:
                    _texts[name] = Encoding.UTF8.GetString(reader.Content);
                    break;
                case 5:
                    Value = OnnxTensor.Read(reader.Content).Tensor;
                    break;
                case 7:
                    reader.AddSingles(singles);
                    break;
                case 8:
                    reader.AddIntegers(integers);
                    break;
            }
        if (integers.Count > 0)
            _sizes[name] = integers;
        if (singles.Count > 0)
            _lists[name] = [.. singles];
    }
}
