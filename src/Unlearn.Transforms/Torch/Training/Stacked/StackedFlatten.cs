using TorchSharp;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>Values are flat already.</summary>
internal sealed class StackedFlatten : StackedLayer
{
    public override torch.Tensor Forward(torch.Tensor input) => input;

    public override torch.Tensor Backward(torch.Tensor gradient, bool withInput) => gradient;
}
