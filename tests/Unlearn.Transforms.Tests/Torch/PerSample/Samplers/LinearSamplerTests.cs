using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

public sealed class LinearSamplerTests : LayerSamplerTests
{
    private protected override IEnumerable<LayerCase> Cases =>
    [
        LayerCase.OfLayer("linear", [6], () => Linear(6, 4)),
        LayerCase.OfLayer("linear without bias", [6], () => Linear(6, 4, hasBias: false)),
        LayerCase.OfLayer("linear on few positions of many features", [3, 20], () => Linear(20, 10)),
        LayerCase.OfLayer("linear on many positions of few features", [20, 3], () => Linear(3, 2)),
        LayerCase.OfLayer("linear of so many features that their products come in blocks", [300], () => Linear(300, 5)),
        LayerCase.OfLayer("linear on positions in two dimensions", [2, 3, 4], () => Linear(4, 5)),
        LayerCase.OfModule("linear that is called twice", [6], () => new CalledTwice(Linear(6, 6), Linear(6, LayerCase.Classes))),
        LayerCase.OfModule("linear on positions made rows", [5, 4], () => new OnPositionsMadeRows()),
    ];

    private sealed class OnPositionsMadeRows : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> inner = Linear(4, 3);
        private readonly Module<Tensor, Tensor> output = Linear(15, LayerCase.Classes);

        public OnPositionsMadeRows() : base(nameof(OnPositionsMadeRows)) => RegisterComponents();

        public override Tensor forward(Tensor input) => output.call(inner.call(input.reshape(input.shape[0] * 5, 4)).tanh().reshape(input.shape[0], 15));
    }
}
