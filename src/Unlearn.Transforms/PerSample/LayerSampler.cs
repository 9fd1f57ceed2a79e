using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.PerSample;

/// <summary>
/// What one kind of layer must say about itself: its weight gradient of a row is the sum over positions of the outer product
/// of an output gradient and an input. Linear layers have one position, convolutions one for each output pixel.
/// </summary>
internal abstract class LayerSampler
{
    /// <summary>The kind of layer.</summary>
    public abstract Type LayerType { get; }

    /// <summary>Why this very layer cannot be sampled; <see langword="null"/> if it can.</summary>
    public virtual string? Refusal(Module layer) => null;

    /// <summary>Inputs as rows × positions × in, with a last column of ones where the layer has a bias.</summary>
    public abstract torch.Tensor Inputs(Module layer, torch.Tensor input);

    /// <summary>Output gradients as rows × positions × out.</summary>
    public abstract torch.Tensor OutputGradients(Module layer, torch.Tensor gradient);

    protected static torch.Tensor WithBias(torch.Tensor inputs, bool hasBias) =>
        hasBias ? torch.cat([inputs, torch.ones([inputs.shape[0], inputs.shape[1], 1], device: inputs.device)], 2) : inputs;
}
