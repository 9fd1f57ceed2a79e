using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;

namespace Unlearn.Transforms.Pipeline.Persistence;

/// <summary>Named tensors in the safetensors layout: the length of a JSON header, the header, then raw little-endian data. No code, no types.</summary>
internal static class SafeTensors
{
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

    /// <exception cref="FormatException">The bytes are not what <see cref="Write"/> writes.</exception>
    public static Dictionary<string, torch.Tensor> Read(byte[] file)
    {
        try
        {
            var length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file));
            using var header = JsonDocument.Parse(file.AsMemory(sizeof(ulong), length));
            var data = file.AsSpan(sizeof(ulong) + length);
            Dictionary<string, torch.Tensor> tensors = new(StringComparer.Ordinal);
            foreach (var entry in header.RootElement.EnumerateObject())
            {
                long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
                var offsets = entry.Value.GetProperty("data_offsets");
                int start = offsets[0].GetInt32(), end = offsets[1].GetInt32();
                var bytes = data[start..end];
                var count = shape.Aggregate(1L, (product, size) => size < 0 ? throw new FormatException("negative size") : checked(product * size));
                tensors.Add(entry.Name, entry.Value.GetProperty("dtype").GetString() switch
                {
                    "F32" when bytes.Length == checked(count * sizeof(float)) => torch.tensor(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), shape),
                    "I64" when bytes.Length == checked(count * sizeof(long)) => torch.tensor(MemoryMarshal.Cast<byte, long>(bytes).ToArray(), shape),
                    _ => throw new FormatException("unknown type or wrong size"),
                });
            }
            return tensors;
        }
        catch (Exception cause) when (cause is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or OverflowException
            or FormatException or IndexOutOfRangeException)
        {
            throw new FormatException($"The saved tensors are damaged: {cause.Message}", cause);
        }
    }

    private static string TypeName(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Float32 => "F32",
        torch.ScalarType.Int64 => "I64",
        _ => throw new NotSupportedException($"Only float32 and int64 tensors can be saved, got {type}."),
    };
}
