using TorchSharp;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>One call of a layer in a pass over a batch.</summary>
/// <param name="Inputs">What it was called with, the input proper first; without a graph.</param>
/// <param name="OutputGradient">Gradient of the pass with respect to its output.</param>
internal sealed record LayerCall(IReadOnlyList<torch.Tensor?> Inputs, torch.Tensor OutputGradient)
{
    /// <summary>The input proper.</summary>
    public torch.Tensor Input => Inputs[0]!;
}
