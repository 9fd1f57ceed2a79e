using TorchSharp;

namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>Cuts tensors.</summary>
internal static class TensorParts
{
    /// <summary>The parts of a tensor, one after the other, as views. Unlike those of <c>split</c>, they may be changed in place on every device.</summary>
    /// <param name="whole">The tensor.</param>
    /// <param name="sizes">Sizes of the parts.</param>
    /// <param name="dimension">Where to cut.</param>
    public static IReadOnlyList<torch.Tensor> Of(torch.Tensor whole, IEnumerable<long> sizes, int dimension = 0)
    {
        List<torch.Tensor> parts = [];
        var start = 0L;
        foreach (var size in sizes)
        {
            parts.Add(whole.narrow(dimension, start, size));
            start += size;
        }
        return parts;
    }
}
