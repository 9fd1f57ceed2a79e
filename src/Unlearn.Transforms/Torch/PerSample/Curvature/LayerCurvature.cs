using TorchSharp;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.Transforms.Torch.PerSample.Curvature;

/// <summary>Curvature of one layer as EK-FAC has it.</summary>
/// <param name="Basis">Eigenvectors of its Kronecker factors; <see langword="null"/> for layers without them: their curvature is taken as diagonal.</param>
/// <param name="Eigenvalues">
/// Λ, the mean over the rows of the squared coordinates of the gradient in that basis: groups × out × in, or one for each parameter.
/// </param>
internal sealed record LayerCurvature(EigenBasis? Basis, torch.Tensor Eigenvalues);
