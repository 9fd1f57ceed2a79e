using TorchSharp;

namespace Unlearn.TextClassification;

/// <summary>Parameters as TorchSharp saves a module: a count, then each one's name, type, shape and bytes. Sizes are checked before memory is taken.</summary>
internal static class SavedParameters
{
    private const int Most = 10_000;
    private const int MostDimensions = 8;

    /// <exception cref="FormatException">The bytes are no such parameters.</exception>
    public static Dictionary<string, torch.Tensor> Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        using var reader = new BinaryReader(stream);
        var state = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        try
        {
            var count = ReadNumber(reader);
            if (count is < 1 or > Most)
                throw new FormatException($"It claims {count} parameters.");
            for (var i = 0L; i < count; i++)
                state.Add(reader.ReadString(), ReadTensor(reader, stream));
            return stream.Position == stream.Length ? state : throw new FormatException("Bytes follow the last parameter.");
        }
        catch (Exception cause) when (cause is EndOfStreamException or FormatException or ArgumentException or OverflowException)
        {
            foreach (var tensor in state.Values)
                tensor.Dispose();
            throw new FormatException($"The file holds no parameters of a TorchSharp module. {cause.Message}", cause);
        }
    }

    private static torch.Tensor ReadTensor(BinaryReader reader, MemoryStream stream)
    {
        if (ReadNumber(reader) is var type && type != (long)torch.ScalarType.Float32)
            throw new FormatException($"A parameter is of type {type}, not of 32-bit floats.");
        var dimensions = ReadNumber(reader);
        if (dimensions is < 0 or > MostDimensions)
            throw new FormatException($"A parameter has {dimensions} dimensions.");
        var shape = new long[dimensions];
        var values = 1L;
        for (var i = 0; i < shape.Length; i++)
            values = checked(values * (shape[i] = ReadNumber(reader)));
        if (values < 0 || values * sizeof(float) > stream.Length - stream.Position)
            throw new EndOfStreamException("A parameter is cut off.");
        var numbers = new float[values];
        stream.ReadExactly(System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan()));
        return torch.tensor(numbers, shape);
    }

    // LEB128.
    private static long ReadNumber(BinaryReader reader)
    {
        var value = 0L;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var next = reader.ReadByte();
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new FormatException("A number has too many bytes.");
    }
}
