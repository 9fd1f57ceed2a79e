using TorchSharp;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>Coordinates of a weight gradient: G' = Q_gᵀ G Q_a.</summary>
/// <param name="Inputs">Q_a: in × in, the bias's constant input included.</param>
/// <param name="Outputs">Q_g: out × out.</param>
internal sealed record EigenBasis(torch.Tensor Inputs, torch.Tensor Outputs);
