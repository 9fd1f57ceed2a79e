using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

internal sealed class GroupNormSampler(GroupNorm layer) : NormalizationSampler<GroupNorm>(layer, hasBias: true)
{
    protected override (torch.Tensor Weight, torch.Tensor Bias) Sums(LayerCall call, long rows)
    {
        var gradients = Channels(call.OutputGradient);
        var normalized = torch.nn.functional.group_norm(call.Input, Layer.num_groups, eps: Layer.eps);
        return (SumOfProducts(Channels(normalized), gradients), gradients.sum(dim: 2));
    }
}
