using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.LeaveOneOut;

/// <summary>
/// Ridge regression with the Laplace kernel on landmarks z: β = (K_nzᵀK_nz + λK_zz)⁻¹K_nzᵀY, in float64. With all rows as landmarks that is kernel
/// ridge regression. What it would predict of a training row without it follows from the row's leverage h (Allen 1974): (f − hy) / (1 − h).
/// </summary>
internal sealed class KernelRidge
{
    // Relative to the mean eigenvalue: landmarks that are equal make the matrix singular.
    private const double Jitter = 1e-10;

    private readonly LaplaceKernel _kernel;
    private readonly torch.Tensor _gram;
    private readonly torch.Tensor _moments;
    private torch.Tensor? _factor;
    private torch.Tensor? _whitenedMoments;

    /// <param name="kernel">The kernel, with its landmarks.</param>
    /// <param name="ridge">λ.</param>
    /// <param name="outputs">Columns of Y.</param>
    public KernelRidge(LaplaceKernel kernel, double ridge, long outputs)
    {
        _kernel = kernel;
        _gram = kernel.OfLandmarks().MulInPlace(ridge);
        _moments = torch.zeros(_gram.shape[0], outputs, torch.float64);
    }

    /// <summary>Adds training rows.</summary>
    /// <param name="points">Rows × coordinates.</param>
    /// <param name="outputs">Y: rows × outputs.</param>
    public void Add(torch.Tensor points, torch.Tensor outputs)
    {
        using var scope = torch.NewDisposeScope();
        var kernel = _kernel.Of(points);
        _gram.addmm_(kernel.t(), kernel, 1, 1);
        _moments.addmm_(kernel.t(), outputs, 1, 1);
    }

    /// <summary>Ends adding.</summary>
    /// <returns>β: landmarks × outputs.</returns>
    public torch.Tensor Solve()
    {
        _gram.diagonal().AddInPlace(Jitter * _gram.diagonal().mean().item<double>());
        _factor = torch.linalg.cholesky(_gram);
        _whitenedMoments = torch.linalg.solve_triangular(_factor, _moments, upper: false);
        return torch.linalg.solve_triangular(_factor.t(), _whitenedMoments, upper: true);
    }

    /// <summary>What the solved regression would predict of training rows without them.</summary>
    /// <param name="points">Rows × coordinates, added before.</param>
    /// <param name="outputs">Y: rows × outputs.</param>
    public torch.Tensor Deleted(torch.Tensor points, torch.Tensor outputs)
    {
        using var scope = torch.NewDisposeScope();
        var whitened = torch.linalg.solve_triangular(_factor!, _kernel.Of(points).t(), upper: false);
        var leverages = whitened.Square().sum(dim: 0).unsqueeze(1);
        return ((whitened.t().matmul(_whitenedMoments!) - leverages * outputs) / leverages.neg().Add(1)).MoveToOuterDisposeScope();
    }
}
