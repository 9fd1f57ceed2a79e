using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

public sealed class BatchNorm2dSamplerTests : LayerSamplerTests
{
    private protected override IEnumerable<LayerCase> Cases =>
    [
        LayerCase.OfLayer("batch norm over an image", [3, 4, 5], () => BatchNorm2d(3)),
        LayerCase.OfLayer(
            "batch norm after a convolution", [2, 6, 6], () => Sequential(("conv", Conv2d(2, 4, 3, bias: false)), ("norm", BatchNorm2d(4)), ("relu", ReLU()))),
    ];
}
