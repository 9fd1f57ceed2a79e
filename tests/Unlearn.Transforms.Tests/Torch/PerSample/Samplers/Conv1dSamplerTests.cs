using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

public sealed class Conv1dSamplerTests : LayerSamplerTests
{
    private protected override IEnumerable<LayerCase> Cases =>
    [
        LayerCase.OfLayer("conv1d", [2, 9], () => Conv1d(2, 3, 3)),
        LayerCase.OfLayer("conv1d without bias", [2, 9], () => Conv1d(2, 3, 3, padding: 1, bias: false)),
        LayerCase.OfLayer("conv1d with stride", [2, 11], () => Conv1d(2, 3, 4, stride: 3, padding: 2)),
        LayerCase.OfLayer("conv1d with dilation", [2, 11], () => Conv1d(2, 3, 3, padding: 2, dilation: 2)),
        LayerCase.OfLayer("conv1d with stride and dilation", [2, 15], () => Conv1d(2, 3, 3, stride: 2, dilation: 3)),
        LayerCase.OfLayer("conv1d with groups", [4, 9], () => Conv1d(4, 6, 3, groups: 2)),
        LayerCase.OfLayer("conv1d that keeps the length", [2, 8], () => Conv1d(2, 3, 4, Padding.Same)),
        LayerCase.OfLayer("conv1d without padding", [2, 8], () => Conv1d(2, 3, 3, Padding.Valid)),
        LayerCase.OfLayer("conv1d that pads with reflection", [2, 8], () => Conv1d(2, 3, 3, padding: 1, padding_mode: PaddingModes.Reflect)),
        LayerCase.OfLayer("conv1d with many channels", [20, 4], () => Conv1d(20, 15, 3, padding: 1)),
        LayerCase.OfModule("conv1d that is called twice", [2, 6], () => new CalledTwice(Conv1d(2, 2, 3, padding: 1), Linear(12, LayerCase.Classes))),
    ];
}
