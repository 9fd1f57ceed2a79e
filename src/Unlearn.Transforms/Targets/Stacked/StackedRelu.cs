using TorchSharp;

namespace Unlearn.Transforms.Targets.Stacked;

/// <summary>max(x, 0).</summary>
internal sealed class StackedRelu : StackedLayer
{
    private torch.Tensor? _output;

    public override torch.Tensor Forward(torch.Tensor input) => _output = input.relu();

    // The output is never below 0, so its sign is 1 where a gradient passes, else 0.
    public override torch.Tensor Backward(torch.Tensor gradient, bool withInput) => gradient.mul_(_output!.sign());
}
