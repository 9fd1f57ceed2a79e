using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

/// <summary>What the samplers of convolutions share.</summary>
internal abstract class ConvolutionSampler<TLayer>(TLayer layer) : LayerSampler<TLayer>(layer)
    where TLayer : Convolution
{
    private readonly ConvolutionGeometry _geometry = ConvolutionGeometry.Of(layer);

    // TorchSharp's "same" padding mixes up height and width when it is not with zeros.
    public override string? Refusal => Layer.padding_type == Padding.Same && Layer.padding_mode != PaddingModes.Zeros
        ? $"pads by '{nameof(Padding.Same)}' in mode {Layer.padding_mode}: give its padding in numbers"
        : null;

    public override LayerGradient Gradient(string name, long rows, IReadOnlyList<LayerCall> calls) =>
        new FactoredGradient(name, rows, Layer.groups, Layer.weight, Layer.bias,
            [.. calls.Select(call => new ConvolutionCall(_geometry, Images(call.Input), Images(call.OutputGradient)))]);

    /// <summary>rows × channels × height × width.</summary>
    protected abstract torch.Tensor Images(torch.Tensor tensor);
}
