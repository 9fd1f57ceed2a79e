using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Unlearn.Transforms.Numerics;

/// <summary>The memory of tensors on the CPU.</summary>
internal static class FloatSpan
{
    /// <summary>The memory of a contiguous tensor, valid as long as the tensor.</summary>
    /// <exception cref="ArgumentException">It does not hold <c>float32</c>.</exception>
    public static Span<float> Of(torch.Tensor tensor) => tensor.dtype == torch.ScalarType.Float32
        ? MemoryMarshal.Cast<byte, float>(tensor.bytes)
        : throw new ArgumentException($"A tensor of {tensor.dtype} was met where float32 is needed: let the module's forward give float32.");

    /// <summary>The memory of a contiguous tensor's part at an index of its first dimension, valid as long as the tensor.</summary>
    public static Span<float> Of(torch.Tensor tensor, long index)
    {
        using var part = tensor.select(0, index);
        return Of(part);
    }

    /// <summary>Whether all values are finite, in one pass without another tensor.</summary>
    public static bool IsFinite(ReadOnlySpan<float> values)
    {
        // 0 times a number is 0, but times infinity, or not a number, it is not a number.
        var sums = Vector<float>.Zero;
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            sums += Vector<float>.Zero * new Vector<float>(values[i..]);
        var sum = Vector.Sum(sums);
        for (; i < values.Length; i++)
            sum += 0 * values[i];
        return sum == 0;
    }

    /// <summary>target = 0 where values = 0.</summary>
    public static void ClearWhereZero(Span<float> target, ReadOnlySpan<float> values)
    {
        var i = 0;
        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.ConditionalSelect(Vector.Equals(new Vector<float>(values[i..]), Vector<float>.Zero), Vector<float>.Zero, new Vector<float>(target[i..]))
                .CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] = values[i] == 0 ? 0 : target[i];
    }
}
