using TorchSharp;
using TorchSharp.Modules;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

internal sealed class Conv1dSampler(Conv1d layer) : ConvolutionSampler<Conv1d>(layer)
{
    protected override torch.Tensor Images(torch.Tensor tensor) => tensor.unsqueeze(3);
}
