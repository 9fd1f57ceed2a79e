using TorchSharp;
using TorchSharp.Modules;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

internal sealed class Conv2dSampler(Conv2d layer) : ConvolutionSampler<Conv2d>(layer)
{
    protected override torch.Tensor Images(torch.Tensor tensor) => tensor;
}
