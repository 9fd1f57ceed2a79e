using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

internal sealed class LayerNormSampler(LayerNorm layer) : NormalizationSampler<LayerNorm>(layer, layer.bias is not null)
{
    public override bool HasRows(torch.Tensor output, long rows) => HasRowAfterRow(output, rows);

    protected override (torch.Tensor Weight, torch.Tensor Bias) Sums(LayerCall call, long rows)
    {
        var width = Layer.weight.numel();
        var normalized = Positions(torch.nn.functional.layer_norm(call.Input, Layer.normalized_shape, eps: Layer.eps), rows, width);
        var gradients = Positions(call.OutputGradient, rows, width);
        return ((normalized * gradients).sum(dim: 1), gradients.sum(dim: 1));
    }
}
