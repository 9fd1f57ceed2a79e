using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;

namespace Unlearn.Transforms.Pipeline.Persistence;

/// <summary>Named tensors in the safetensors layout: the length of a JSON header, the header, then raw little-endian data. No code, no types.</summary>
internal static class SafeTensors
{
    private const int LargestHeader = 1 << 24;
    private const int LongestName = 500;
    private const int MostDimensions = 16;

    /// <exception cref="NotSupportedException">A tensor is of another type than float32 or int64.</exception>
    public static byte[] Write(IEnumerable<KeyValuePair<string, torch.Tensor>> tensors)
    {
        using var scope = torch.NewDisposeScope();
        var header = new JsonObject();
        using var data = new MemoryStream();
        foreach (var (name, tensor) in tensors)
        {
            var values = tensor.detach().cpu().contiguous();
            var start = data.Length;
            data.Write(values.bytes);
            header[name] = new JsonObject
            {
                ["dtype"] = TypeName(values.dtype),
                ["shape"] = new JsonArray([.. values.shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(start, data.Length),
            };
        }
        var text = JsonSerializer.SerializeToUtf8Bytes(header);
        var file = new byte[sizeof(ulong) + text.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)text.Length);
        text.CopyTo(file, sizeof(ulong));
        data.ToArray().CopyTo(file, sizeof(ulong) + text.Length);
        return file;
    }

    /// <summary>Reads the tensors. One begins where the one before ends, and the last ends with the file.</summary>
    /// <exception cref="FormatException">The bytes are not what <see cref="Write"/> writes.</exception>
    public static Dictionary<string, torch.Tensor> Read(byte[] file)
    {
        try
        {
            var length = BinaryPrimitives.ReadUInt64LittleEndian(file);
            if (length > LargestHeader || length > (ulong)(file.Length - sizeof(ulong)))
                throw new FormatException(Invariant($"a header of {length} bytes"));
            using var header = JsonDocument.Parse(file.AsMemory(sizeof(ulong), (int)length));
            var data = file.AsSpan(sizeof(ulong) + (int)length);
            Dictionary<string, torch.Tensor> tensors = new(StringComparer.Ordinal);
            var end = 0L;
            foreach (var entry in header.RootElement.EnumerateObject())
            {
                if (entry.Name.Length > LongestName || tensors.ContainsKey(entry.Name))
                    throw new FormatException("a tensor has a name that is far too long, or that of another");
                var shape = entry.Value.GetProperty("shape");
                if (shape.GetArrayLength() > MostDimensions)
                    throw new FormatException($"tensor '{entry.Name}' has {shape.GetArrayLength()} dimensions");
                long[] sizes = [.. shape.EnumerateArray().Select(size => size.GetInt64())];
                var count = sizes.Aggregate(1L, (product, size) => size < 0 ? throw new FormatException("negative size") : checked(product * size));
                var offsets = entry.Value.GetProperty("data_offsets");
                var start = end;
                var type = entry.Value.GetProperty("dtype").GetString();
                end = checked(start + count * SizeOf(type));
                if (offsets.GetArrayLength() != 2 || offsets[0].GetInt64() != start || offsets[1].GetInt64() != end || end > data.Length)
                    throw new FormatException($"tensor '{entry.Name}' does not lie where its shape says");
                var bytes = data[(int)start..(int)end];
                using var values = type == "F32"
                    ? torch.tensor(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), sizes)
                    : torch.tensor(MemoryMarshal.Cast<byte, long>(bytes).ToArray(), sizes);
                tensors.Add(entry.Name, values.clone()); // Torch's own memory: see AlignedTensor
            }
            return end == data.Length ? tensors : throw new FormatException(Invariant($"{data.Length - end} bytes lie behind the last tensor"));
        }
        catch (Exception cause) when (cause is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or OverflowException
            or FormatException or IndexOutOfRangeException)
        {
            throw new FormatException($"The saved tensors are damaged: {cause.Message}", cause);
        }
    }

    private static int SizeOf(string? type) => type switch
    {
        "F32" => sizeof(float),
        "I64" => sizeof(long),
        _ => throw new FormatException("unknown type"),
    };

    private static string TypeName(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Float32 => "F32",
        torch.ScalarType.Int64 => "I64",
        _ => throw new NotSupportedException($"Only float32 and int64 tensors can be saved, got {type}."),
    };
}
