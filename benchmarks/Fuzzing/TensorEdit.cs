using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Fuzzing;

/// <summary>Changes one thing of a file of tensors: a value, a shape, a type, a place, a name, or what lies around them.</summary>
internal static class TensorEdit
{
    private static readonly float[] OddNumbers = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -1, 0, 1e-40f];
    private static readonly long[] OddIntegers = [-1, long.MinValue, long.MaxValue, int.MaxValue, 1L << 40, 0, 1, 2];

    /// <summary>Changes a copy of a file.</summary>
    /// <returns>What was done, and the file.</returns>
    public static (string What, byte[] Content) Apply(byte[] content, SeededRandom random)
    {
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(content);
        var header = (JsonObject)JsonNode.Parse(content.AsSpan(sizeof(ulong), length))!;
        byte[] data = [.. content[(sizeof(ulong) + length)..]];
        if (header.Count == 0)
            return ("append 8 bytes", [.. content, .. new byte[8]]);
        var name = header.ElementAt(random.Next(header.Count)).Key;
        var tensor = header[name]!;
        switch (random.Next(9))
        {
            case 0:
                header.Remove(name);
                return ($"remove tensor {name}", Join(header, data));
            case 1:
                header[name + "x"] = tensor.DeepClone();
                return ($"copy tensor {name} in place", Join(header, data));
            case 2:
                tensor["dtype"] = (string?)tensor["dtype"] == "F32" ? "I64" : "F32";
                return ($"other type of {name}", Join(header, data));
            case 3:
                var offsets = (JsonArray)tensor["data_offsets"]!;
                var end = random.Next(2);
                offsets[end] = (long)offsets[end]! + (random.Next(2) == 0 ? 4 : -4);
                return ($"move tensor {name}", Join(header, data));
            case 4:
                var shape = (JsonArray)tensor["shape"]!;
                var odd = OddIntegers[random.Next(OddIntegers.Length)];
                if (random.Next(2) == 0 || shape.Count == 0)
                    shape.Add(odd);
                else
                    shape[random.Next(shape.Count)] = odd;
                return ($"size {odd} in {name}", Join(header, data));
            case 5:
                tensor["shape"] = new JsonArray([.. ((JsonArray)tensor["shape"]!).Reverse().Select(size => size!.DeepClone())]);
                return ($"transpose {name}", Join(header, data));
            case 6:
                return ("bytes behind the tensors", Join(header, [.. data, .. new byte[1 + random.Next(64)]]));
            default:
                return (Change(name, tensor, data, random), Join(header, data));
        }
    }

    private static string Change(string name, JsonNode tensor, Span<byte> data, SeededRandom random)
    {
        var (start, end) = ((int)tensor["data_offsets"]![0]!, (int)tensor["data_offsets"]![1]!);
        var isFloat = (string?)tensor["dtype"] == "F32";
        var size = isFloat ? sizeof(float) : sizeof(long);
        if (start == end)
            return "nothing";
        var at = start + size * random.Next((end - start) / size);
        if (isFloat)
        {
            var number = OddNumbers[random.Next(OddNumbers.Length)];
            BinaryPrimitives.WriteSingleLittleEndian(data[at..], number);
            return Invariant($"{number} in {name}");
        }
        var integer = OddIntegers[random.Next(OddIntegers.Length)];
        BinaryPrimitives.WriteInt64LittleEndian(data[at..], integer);
        return Invariant($"{integer} in {name}");
    }

    private static byte[] Join(JsonObject header, byte[] data)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(header);
        var length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)text.Length);
        return [.. length, .. text, .. data];
    }
}
