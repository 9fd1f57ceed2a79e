using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

/// <summary>What the samplers of batch normalization share. Targets run in evaluation mode: the running statistics are constants.</summary>
internal abstract class BatchNormSampler<TLayer>(TLayer layer) : NormalizationSampler<TLayer>(layer, hasBias: true)
    where TLayer : BatchNorm
{
    public override string? Refusal => Layer.running_mean is null || Layer.running_var is null
        ? "normalizes by the statistics of the batch, so that a row's gradient depends on the other rows: let it track running statistics"
        : null;

    protected sealed override (torch.Tensor Weight, torch.Tensor Bias) Sums(LayerCall call, long rows)
    {
        var gradients = Channels(call.OutputGradient);
        var bias = gradients.sum(dim: 2);
        var weight = (SumOfProducts(Channels(call.Input), gradients) - bias * Layer.running_mean!) * Layer.running_var!.Add(Layer.eps).rsqrt();
        return (weight, bias);
    }
}
