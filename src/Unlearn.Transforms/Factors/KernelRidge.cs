using TorchSharp;

namespace Unlearn.Transforms.Factors;

/// <summary>
/// Ridge regression with the Laplace kernel on landmarks z: β = (K_nzᵀK_nz + λK_zz)⁻¹K_nzᵀY, in float64. With all rows as landmarks that is kernel ridge regression; what it would
/// predict of a training row without it follows from its leverage h (Allen 1974): (f − hy) / (1 − h).
/// </summary>
internal sealed class KernelRidge
{
    // Relative to the mean eigenvalue; landmarks that are equal make the matrix singular.
    private const double Jitter = 1e-10;
    private const double LargestLeverage = 1 - 1e-6;

    private readonly torch.Tensor _landmarks;
    private readonly double _width;
    private readonly torch.Tensor _gram;
    private readonly torch.Tensor _moments;
    private torch.Tensor? _factor;

    /// <param name="landmarks">z: landmarks × coordinates.</param>
    /// <param name="width">w of the kernel exp(−‖a − b‖ / w).</param>
    /// <param name="ridge">λ.</param>
    /// <param name="outputs">Columns of Y.</param>
    public KernelRidge(torch.Tensor landmarks, double width, double ridge, long outputs)
    {
        _landmarks = landmarks.to(torch.float64);
        _width = width;
        _gram = Kernel(landmarks).mul_(ridge);
        _moments = torch.zeros(landmarks.shape[0], outputs, torch.float64);
    }

    /// <summary>exp(−‖x − z‖ / w): rows × landmarks.</summary>
    public torch.Tensor Kernel(torch.Tensor points) => Kernel(points, _landmarks, _width);

    /// <summary>exp(−‖a − b‖ / w).</summary>
    public static torch.Tensor Kernel(torch.Tensor a, torch.Tensor b, double width) => torch.cdist(a.to(torch.float64), b.to(torch.float64)).div_(-width).exp_();

    /// <summary>Adds training rows.</summary>
    /// <param name="points">Rows × coordinates.</param>
    /// <param name="outputs">Y: rows × outputs.</param>
    public void Add(torch.Tensor points, torch.Tensor outputs)
    {
        using var scope = torch.NewDisposeScope();
        var kernel = Kernel(points);
        _gram.addmm_(kernel.t(), kernel, 1, 1);
        _moments.addmm_(kernel.t(), outputs, 1, 1);
        _factor = null;
    }

    /// <summary>β: landmarks × outputs.</summary>
    public torch.Tensor Coefficients() => torch.cholesky_solve(_moments, Factor());

    /// <summary>What the regression would predict of training rows without them.</summary>
    /// <param name="points">Rows × coordinates, added before.</param>
    /// <param name="outputs">Y: rows × outputs.</param>
    public torch.Tensor Deleted(torch.Tensor points, torch.Tensor outputs)
    {
        using var scope = torch.NewDisposeScope();
        var whitened = torch.linalg.solve_triangular(Factor(), Kernel(points).t(), upper: false);
        var leverages = whitened.square().sum(dim: 0).unsqueeze(1).clamp_max(LargestLeverage);
        var predictions = whitened.t().matmul(torch.linalg.solve_triangular(Factor(), _moments, upper: false));
        return ((predictions - leverages * outputs) / (1 - leverages)).MoveToOuterDisposeScope();
    }

    private torch.Tensor Factor()
    {
        if (_factor is not null)
            return _factor;
        var mean = _gram.diagonal().mean().item<double>();
        _gram.diagonal().add_(Jitter * mean);
        return _factor = torch.linalg.cholesky(_gram);
    }
}
