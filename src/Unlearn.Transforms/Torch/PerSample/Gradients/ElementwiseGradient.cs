using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>Gradients of a layer that has a few parameters per channel, written out: rows × parameters.</summary>
internal sealed class ElementwiseGradient(string name, torch.Tensor gradients) : LayerGradient(name)
{
    public override torch.Device Device => gradients.device;

    public override torch.Tensor SquaredNorms() => gradients.Square().sum(dim: 1);

    public override torch.Tensor Flatten() => gradients;
}
