using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Unlearn.Transforms.Targets.Stacked;

/// <summary>The memory of tensors on the CPU.</summary>
internal static class FloatSpan
{
    /// <summary>The memory of a contiguous tensor's part at an index of its first dimension, valid as long as the tensor.</summary>
    public static Span<float> Of(torch.Tensor tensor, long index)
    {
        using var part = tensor.select(0, index);
        return MemoryMarshal.Cast<byte, float>(part.bytes);
    }

    /// <summary>target += weight · values.</summary>
    public static void AddTo(Span<float> target, ReadOnlySpan<float> values, float weight)
    {
        var i = 0;
        for (var factor = new Vector<float>(weight); i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(target[i..]) + factor * new Vector<float>(values[i..])).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] += weight * values[i];
    }
}
