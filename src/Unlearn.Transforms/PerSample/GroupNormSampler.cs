using TorchSharp;
using TorchSharp.Modules;

namespace Unlearn.Transforms.PerSample;

internal sealed class GroupNormSampler(GroupNorm layer) : NormalizationSampler<GroupNorm>(layer, hasBias: true)
{
    protected override (torch.Tensor Weight, torch.Tensor Bias) Sums(LayerCall call, long rows)
    {
        var gradients = Channels(call.OutputGradient);
        var normalized = torch.nn.functional.group_norm(call.Input, Layer.num_groups, eps: Layer.eps);
        return (SumOfProducts(Channels(normalized), gradients), gradients.sum(dim: 2));
    }
}
