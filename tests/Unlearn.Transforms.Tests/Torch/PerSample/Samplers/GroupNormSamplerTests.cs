using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

public sealed class GroupNormSamplerTests : LayerSamplerTests
{
    private protected override IEnumerable<LayerCase> Cases =>
    [
        LayerCase.OfLayer("group norm", [4, 3, 3], () => GroupNorm(2, 4)),
        LayerCase.OfLayer("group norm over a length", [6, 5], () => GroupNorm(3, 6, eps: 1e-2)),
        LayerCase.OfModule("group norm that is called twice", [4, 3], () => new CalledTwice(GroupNorm(2, 4), Linear(12, LayerCase.Classes))),
    ];
}
