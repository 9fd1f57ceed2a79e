using TorchSharp;
using TorchSharp.Modules;

namespace Unlearn.Transforms.PerSample;

internal sealed class Conv1dSampler(Conv1d layer) : ConvolutionSampler<Conv1d>(layer)
{
    protected override torch.Tensor Images(torch.Tensor tensor) => tensor.unsqueeze(3);
}
