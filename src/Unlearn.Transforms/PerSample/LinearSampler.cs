using TorchSharp;
using TorchSharp.Modules;
using Module = TorchSharp.torch.nn.Module;

namespace Unlearn.Transforms.PerSample;

internal sealed class LinearSampler : LayerSampler
{
    public override Type LayerType => typeof(Linear);

    public override torch.Tensor Inputs(Module layer, torch.Tensor input) =>
        WithBias(input.reshape(input.shape[0], -1, input.shape[^1]), ((Linear)layer).bias is not null);

    public override torch.Tensor OutputGradients(Module layer, torch.Tensor gradient) =>
        gradient.reshape(gradient.shape[0], -1, gradient.shape[^1]);
}
