using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

public sealed class Conv2dSamplerTests : LayerSamplerTests
{
    private protected override IEnumerable<LayerCase> Cases =>
    [
        LayerCase.OfLayer("conv2d", [2, 6, 5], () => Conv2d(2, 3, 3)),
        LayerCase.OfLayer("conv2d without bias", [2, 6, 5], () => Conv2d(2, 3, 3, padding: 1, bias: false)),
        LayerCase.OfLayer("conv2d with stride", [2, 8, 7], () => Conv2d(2, 3, 3, stride: 2, padding: 1)),
        LayerCase.OfLayer("conv2d of one pixel with stride", [4, 7, 6], () => Conv2d(4, 3, 1, stride: 2)),
        LayerCase.OfLayer("conv2d with dilation", [2, 8, 7], () => Conv2d(2, 3, 3, padding: 2, dilation: 2)),
        LayerCase.OfLayer("conv2d with all sizes different", [2, 11, 12], () => Conv2d(2, 3, (2, 3), stride: (3, 2), padding: (1, 2), dilation: (2, 3))),
        LayerCase.OfLayer("conv2d with groups", [4, 5, 5], () => Conv2d(4, 6, 3, groups: 2)),
        LayerCase.OfLayer("conv2d of each channel", [3, 5, 5], () => Conv2d(3, 6, 3, padding: 1, groups: 3, bias: false)),
        LayerCase.OfLayer("conv2d that keeps the size", [2, 5, 6], () => Conv2d(2, 3, (2, 3), padding: Padding.Same)),
        LayerCase.OfLayer("conv2d without padding", [2, 5, 6], () => Conv2d(2, 3, 3, Padding.Valid)),
        LayerCase.OfLayer("conv2d that pads with reflection", [2, 5, 6], () => Conv2d(2, 3, (3, 3), padding: (2, 1), padding_mode: PaddingModes.Reflect)),
        LayerCase.OfLayer("conv2d that pads with the edge", [2, 5, 6], () => Conv2d(2, 3, 3, padding: 1, padding_mode: PaddingModes.Replicate)),
        LayerCase.OfLayer("conv2d that pads around", [2, 5, 6], () => Conv2d(2, 3, 3, padding: 1, padding_mode: PaddingModes.Circular)),
        LayerCase.OfLayer("conv2d with many channels", [20, 3, 3], () => Conv2d(20, 15, 3, padding: 1)),
        LayerCase.OfLayer("conv2d with many channels, groups and stride", [24, 4, 4], () => Conv2d(24, 20, 3, stride: 2, padding: 1, groups: 2)),
        LayerCase.OfLayer("conv2d of the whole image", [3, 4, 4], () => Conv2d(3, 10, 4)),
        LayerCase.OfLayer(
            "conv2d in several chunks of rows", [16, 70, 70], () => Sequential(("conv", Conv2d(16, 2, 3)), ("relu", ReLU()), ("mean", AdaptiveAvgPool2d(1)))),
        LayerCase.OfModule("conv2d that is called twice", [2, 4, 4], () => new CalledTwice(Conv2d(2, 2, 3, padding: 1), Linear(32, LayerCase.Classes))),
    ];
}
