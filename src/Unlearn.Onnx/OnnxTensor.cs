using System.Runtime.InteropServices;
using System.Text;

namespace Unlearn.Onnx;

/// <summary>A constant of an ONNX model.</summary>
/// <param name="Shape">Its sizes.</param>
/// <param name="Values">Its numbers, row-major.</param>
internal sealed record OnnxTensor(IReadOnlyList<long> Shape, double[] Values)
{
    private const int Float = 1;
    private const int Int32 = 6;
    private const int Int64 = 7;
    private const int Float16 = 10;
    private const int Double = 11;

    /// <summary>Reads a message of the type TensorProto.</summary>
    /// <exception cref="NotSupportedException">Its numbers are of a type that weights do not have, or lie in a file of their own.</exception>
    public static (string Name, OnnxTensor Tensor) Read(ReadOnlySpan<byte> message)
    {
        var name = "";
        long type = 0;
        List<long> shape = [];
        List<float> singles = [];
        List<long> integers = [];
        double[] doubles = [];
        byte[]? bytes = null;
        var reader = new ProtoReader(message);
        while (reader.Read())
            switch (reader.Field)
            {
                case 1:
                    reader.AddIntegers(shape);
                    break;
                case 2:
                    type = reader.Number;
                    break;
                case 4:
                    reader.AddSingles(singles);
                    break;
                case 5 or 7:
                    reader.AddIntegers(integers);
                    break;
                case 8:
                    name = Encoding.UTF8.GetString(reader.Content);
                    break;
                case 9:
                    bytes = reader.Content.ToArray();
                    break;
                case 10:
                    doubles = MemoryMarshal.Cast<byte, double>(reader.Content).ToArray();
                    break;
                case 14 when reader.Number != 0:
                    throw new NotSupportedException($"Tensor '{name}' lies in a file of its own: save the ONNX model as one file.");
            }
        double[] values = (type, bytes) switch
        {
            (Float, not null) => Doubles<float>(bytes),
            (Double, not null) => Doubles<double>(bytes),
            (Float16, not null) => Doubles<Half>(bytes),
            (Int64, not null) => Doubles<long>(bytes),
            (Int32, not null) => Doubles<int>(bytes),
            (Float, null) => [.. singles],
            (Double, null) => doubles,
            (Float16, null) => [.. integers.Select(bits => (double)BitConverter.UInt16BitsToHalf((ushort)bits))],
            (Int64 or Int32, null) => [.. integers],
            _ => [],
        };
        return values.Length == Count(name, shape)
            ? (name, new(shape, values))
            : (name, new(shape, [])); // of texts, or damaged: nothing that can be a weight
    }

    private static long Count(string name, List<long> shape) => shape.Aggregate(
        1L, (product, size) => size < 0 ? throw new FormatException($"Tensor '{name}' has a negative size.") : checked(product * size));

    private static double[] Doubles<T>(byte[] bytes)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        var doubles = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
            doubles[i] = double.CreateChecked(values[i]);
        return doubles;
    }
}
