using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

public sealed class BatchNorm1dSamplerTests : LayerSamplerTests
{
    private protected override IEnumerable<LayerCase> Cases =>
    [
        LayerCase.OfLayer("batch norm", [6], () => BatchNorm1d(6)),
        LayerCase.OfLayer("batch norm over a length", [3, 5], () => BatchNorm1d(3, eps: 1e-2)),
        LayerCase.OfModule("batch norm that is called twice", [6], () => new CalledTwice(BatchNorm1d(6), Linear(6, LayerCase.Classes))),
    ];
}
