using TorchSharp;
using TorchSharp.Modules;

namespace Unlearn.Transforms.PerSample;

internal sealed class Conv2dSampler(Conv2d layer) : ConvolutionSampler<Conv2d>(layer)
{
    protected override torch.Tensor Images(torch.Tensor tensor) => tensor;
}
