using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.LeaveOneOut;

/// <summary>
/// Ridge regression with the Laplace kernel on landmarks z: β = (K_nzᵀK_nz + λK_zz)⁻¹K_nzᵀY. What it would predict of a training row without it follows
/// from the row's leverage h (Allen 1974): (f − hy) / (1 − h). With all rows as landmarks that is kernel ridge regression; see <see cref="OfAllRows"/>.
/// </summary>
/// <remarks>The matrix and its factor are in float64; leverages are as exact as <see cref="TriangularMatrix.Precision"/> tells.</remarks>
internal sealed class KernelRidge
{
    // Relative to the mean eigenvalue: landmarks that are equal make the matrix singular.
    private const double Jitter = 1e-10;

    private readonly torch.Tensor _gram;
    private readonly torch.Tensor _moments;
    private readonly double _ridge;
    private torch.Tensor? _whitening;
    private torch.Tensor? _coefficients;

    /// <param name="kernel">The kernel, with its landmarks.</param>
    /// <param name="ridge">λ.</param>
    /// <param name="outputs">Columns of Y.</param>
    public KernelRidge(LaplaceKernel kernel, double ridge, long outputs)
    {
        _ridge = ridge;
        _gram = kernel.OfLandmarks().MulInPlace(ridge);
        _moments = torch.zeros(_gram.shape[0], outputs, torch.float64);
    }

    /// <summary>
    /// Kernel ridge regression with all rows as landmarks: β = (K + λI)⁻¹Y, and the deleted residual is a row's β over the diagonal of the inverse.
    /// </summary>
    /// <param name="kernel">K: rows × rows, float64.</param>
    /// <param name="ridge">λ.</param>
    /// <param name="outputs">Y: rows × outputs.</param>
    /// <returns>β, and what the regression would predict of each row without it.</returns>
    public static (torch.Tensor Coefficients, torch.Tensor Deleted) OfAllRows(torch.Tensor kernel, double ridge, torch.Tensor outputs)
    {
        using var scope = torch.NewDisposeScope();
        var precision = TriangularMatrix.Precision(kernel.shape[0], ridge);
        var matrix = kernel.to(precision, copy: true);
        matrix.diagonal().AddInPlace(ridge);
        var factor = torch.linalg.cholesky(matrix);
        var coefficients = Solve(outputs);
        // One step of refinement takes back what float32 has lost.
        if (precision == torch.float32)
            coefficients = coefficients.Add(Solve(outputs - kernel.matmul(coefficients) - coefficients.Mul(ridge)));
        var deleted = outputs - coefficients / TriangularMatrix.InverseDiagonal(factor).to(torch.float64).unsqueeze(1);
        return (coefficients.MoveToOuterDisposeScope(), deleted.MoveToOuterDisposeScope());

        torch.Tensor Solve(torch.Tensor right) => torch.linalg
            .solve_triangular(factor.t(), torch.linalg.solve_triangular(factor, right.to(precision), upper: false), upper: true).to(torch.float64);
    }

    /// <summary>Adds training rows.</summary>
    /// <param name="kernel">K_nz: rows × landmarks.</param>
    /// <param name="outputs">Y: rows × outputs.</param>
    public void Add(torch.Tensor kernel, torch.Tensor outputs)
    {
        using var scope = torch.NewDisposeScope();
        var exact = kernel.to(torch.float64);
        TriangularMatrix.AddSquare(_gram, exact);
        _moments.addmm_(exact.t(), outputs, 1, 1);
    }

    /// <summary>Ends adding.</summary>
    /// <returns>β: landmarks × outputs.</returns>
    public torch.Tensor Solve()
    {
        using var scope = torch.NewDisposeScope();
        _gram.diagonal().AddInPlace(Jitter * _gram.diagonal().mean().item<double>());
        var factor = torch.linalg.cholesky(_gram);
        _whitening = TriangularMatrix.Inverse(factor).to(TriangularMatrix.Precision(_gram.shape[0], _ridge)).MoveToOuterDisposeScope();
        return _coefficients = torch.linalg
            .solve_triangular(factor.t(), torch.linalg.solve_triangular(factor, _moments, upper: false), upper: true).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What the solved regression would predict of training rows without them. Where a row is a landmark, it is left out as such too (β_i = 0): by
    /// C = (K_nzᵀK_nz + λK_zz)⁻¹, its f loses (Ck)_i β_i / C_ii, and its h loses (Ck)_i² / C_ii. A landmark that stayed would be told by other rows alone, and
    /// speak loudest at the place of its own row.
    /// </summary>
    /// <param name="kernel">K_nz: rows × landmarks, added before.</param>
    /// <param name="outputs">Y: rows × outputs.</param>
    /// <param name="start">Place of the first of the rows among all. The first rows of all are the landmarks, in their order.</param>
    public torch.Tensor Deleted(torch.Tensor kernel, torch.Tensor outputs, long start)
    {
        using var scope = torch.NewDisposeScope();
        var leverages = TriangularMatrix.SquaredNorms(_whitening!, kernel.to(_whitening!.dtype)).to(torch.float64).unsqueeze(1);
        var fitted = kernel.to(torch.float64).matmul(_coefficients!);
        var landmarks = Math.Clamp(kernel.shape[1] - start, 0, kernel.shape[0]);
        if (landmarks > 0)
        {
            // C = WᵀW.
            var own = _whitening.narrow(1, start, landmarks).t();
            var weights = own.Square().sum(dim: 1).to(torch.float64).unsqueeze(1);
            var ofOwn = (own * kernel.narrow(0, 0, landmarks).to(_whitening.dtype).matmul(_whitening.t())).sum(dim: 1).to(torch.float64).unsqueeze(1);
            fitted.narrow(0, 0, landmarks).sub_(ofOwn * _coefficients!.narrow(0, start, landmarks) / weights);
            leverages.narrow(0, 0, landmarks).sub_(ofOwn.Square() / weights);
        }
        return ((fitted - leverages * outputs) / leverages.neg().Add(1)).MoveToOuterDisposeScope();
    }
}
