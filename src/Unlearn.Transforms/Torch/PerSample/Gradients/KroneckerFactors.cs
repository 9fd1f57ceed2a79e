using System.Runtime.InteropServices;
using TorchSharp;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>The Kronecker factors of a layer's curvature, summed over rows and positions. They are symmetric: only their lower triangles count.</summary>
/// <param name="Inputs">Σ aaᵀ over the layer's inputs a, with a last 1 where it has a bias: in × in.</param>
/// <param name="Outputs">Σ ggᵀ over its output gradients g: out × out.</param>
internal sealed record KroneckerFactors(torch.Tensor Inputs, torch.Tensor Outputs)
{
    /// <summary>The eigenvectors of both.</summary>
    public EigenBasis Decompose() => new(Eigenvectors(Inputs), Eigenvectors(Outputs));

    // Single precision does: the eigenvalues are measured anew in whatever basis comes out. Where it does not converge, double precision does.
    private static torch.Tensor Eigenvectors(torch.Tensor covariance)
    {
        var matrix = covariance.cpu();
        try
        {
            return torch.linalg.eigh(matrix, UPLO: 'L').Item2.to(covariance.device);
        }
        catch (ExternalException)
        {
            return torch.linalg.eigh(matrix.to(torch.float64), UPLO: 'L').Item2.to(covariance.dtype).to(covariance.device);
        }
    }
}
