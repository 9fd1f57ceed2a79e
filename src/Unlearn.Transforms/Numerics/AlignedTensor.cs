using TorchSharp;

namespace Unlearn.Transforms.Numerics;

/// <summary>
/// Matrix products add in another order where memory begins at another place within a cache line: the last bit of a sum then depends on where .NET put an
/// array. Torch's own memory begins at a whole line.
/// </summary>
internal static class AlignedTensor
{
    private const nuint Line = 64;

    /// <summary>The tensor, or a copy of it in Torch's memory if it lies elsewhere within a line.</summary>
    /// <param name="tensor">A tensor on any device.</param>
    public static unsafe torch.Tensor Of(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU || !tensor.is_contiguous() || tensor.numel() == 0)
            return tensor;
        fixed (byte* start = tensor.bytes)
            return (nuint)start % Line == 0 ? tensor : tensor.clone();
    }
}
