using TorchSharp;
using TorchSharp.Modules;
using Module = TorchSharp.torch.nn.Module;

namespace Unlearn.Transforms.PerSample;

internal sealed class Conv2dSampler : LayerSampler
{
    public override Type LayerType => typeof(Conv2d);

    public override string? Refusal(Module layer)
    {
        var convolution = (Conv2d)layer;
        return convolution.groups != 1 ? "it has groups"
            : convolution.padding is null ? "its padding is named, not given in pixels"
            : convolution.padding_mode != PaddingModes.Zeros ? "it does not pad with zeros"
            : null;
    }

    public override torch.Tensor Inputs(Module layer, torch.Tensor input)
    {
        var convolution = (Conv2d)layer;
        var patches = torch.nn.functional.unfold(input, Pair(convolution.kernel_size), Pair(convolution.dilation), Pair(convolution.padding!), Pair(convolution.stride));
        return WithBias(patches.transpose(1, 2), convolution.bias is not null);
    }

    public override torch.Tensor OutputGradients(Module layer, torch.Tensor gradient) => gradient.flatten(2).transpose(1, 2);

    private static (long, long) Pair(long[] sizes) => sizes.Length == 1 ? (sizes[0], sizes[0]) : (sizes[0], sizes[1]);
}
