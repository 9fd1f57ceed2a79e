using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

public sealed class LayerNormSamplerTests : LayerSamplerTests
{
    private protected override IEnumerable<LayerCase> Cases =>
    [
        LayerCase.OfLayer("layer norm", [6], () => LayerNorm(6)),
        LayerCase.OfLayer("layer norm on positions", [4, 6], () => LayerNorm(6, eps: 1e-2)),
        LayerCase.OfLayer("layer norm over two dimensions", [2, 4, 3], () => LayerNorm([4, 3])),
        LayerCase.OfLayer("layer norm without bias", [4, 6], () => LayerNorm(6, bias: false)),
        LayerCase.OfModule("layer norm that is called twice", [6], () => new CalledTwice(LayerNorm(6), Linear(6, LayerCase.Classes))),
    ];
}
