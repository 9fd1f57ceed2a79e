using TorchSharp;
using TorchSharp.Modules;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>Sizes of a convolution over height and width. One over a length has it as its height, and width 1.</summary>
internal sealed record ConvolutionGeometry(
    (long Height, long Width) Kernel,
    (long Height, long Width) Stride,
    (long Height, long Width) Dilation,
    (long Top, long Bottom) PaddingOfHeight,
    (long Left, long Right) PaddingOfWidth,
    PaddingModes PaddingMode,
    long Groups)
{
    public static ConvolutionGeometry Of(Convolution layer)
    {
        return new(Pair(layer.kernel_size, 1), Pair(layer.stride, 1), Pair(layer.dilation, 1), Padding(0), Padding(1), layer.padding_mode, layer.groups);

        (long, long) Padding(int dimension)
        {
            if (dimension >= layer.kernel_size.Length)
                return (0, 0);
            if (layer.padding is { } padding)
                return (padding[dimension], padding[dimension]);
            var total = layer.padding_type == TorchSharp.Padding.Same ? layer.dilation[dimension] * (layer.kernel_size[dimension] - 1) : 0;
            return (total / 2, total - total / 2);
        }
    }

    /// <summary>Pads images: rows × channels × height × width.</summary>
    public torch.Tensor Pad(torch.Tensor images) => PaddingOfHeight == (0, 0) && PaddingOfWidth == (0, 0)
        ? images
        : torch.nn.functional.pad(images, [PaddingOfWidth.Left, PaddingOfWidth.Right, PaddingOfHeight.Top, PaddingOfHeight.Bottom],
            PaddingMode == PaddingModes.Zeros ? PaddingModes.Constant : PaddingMode);

    private static (long, long) Pair(long[] sizes, long missing) => (sizes[0], sizes.Length == 1 ? missing : sizes[1]);
}
