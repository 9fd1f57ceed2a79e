using TorchSharp.Modules;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

internal sealed class LinearSampler(Linear layer) : LayerSampler<Linear>(layer)
{
    public override bool HasRows(TorchSharp.torch.Tensor output, long rows) => HasRowAfterRow(output, rows);

    // A layer that is called twice has twice the positions.
    public override LayerGradient Gradient(string name, long rows, IReadOnlyList<LayerCall> calls) =>
        new FactoredGradient(name, rows, groups: 1, Layer.weight!, Layer.bias,
            [new LinearCall(
                Positions(calls, call => call.Input, rows, Layer.in_features), Positions(calls, call => call.OutputGradient, rows, Layer.out_features))]);
}
