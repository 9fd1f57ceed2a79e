using Unlearn.Transforms.Torch.Modules;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

public sealed class HeldBatchNorm2dSamplerTests : LayerSamplerTests
{
    private protected override IEnumerable<LayerCase> Cases =>
        [LayerCase.OfLayer("batch norm of ready-made networks", [3, 4, 5], () => new HeldBatchNorm2d(3))];
}
