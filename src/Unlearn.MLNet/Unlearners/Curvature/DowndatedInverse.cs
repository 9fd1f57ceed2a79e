using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet.Unlearners.Curvature;

/// <summary>(A − UᵀU)⁻¹ from A⁻¹, by the Woodbury identity: A⁻¹ + A⁻¹Uᵀ(I − U·A⁻¹·Uᵀ)⁻¹U·A⁻¹.</summary>
internal sealed class DowndatedInverse
{
    private readonly torch.Tensor _inverse;
    private readonly torch.Tensor _reduced;
    private readonly torch.Tensor _factor;

    /// <param name="inverse">A⁻¹, symmetric.</param>
    /// <param name="factors">U: a few rows as wide as A.</param>
    /// <exception cref="ArgumentException">A − UᵀU is not positive definite.</exception>
    public DowndatedInverse(torch.Tensor inverse, torch.Tensor factors)
    {
        _inverse = inverse;
        _reduced = factors.matmul(inverse);
        var (factor, failure) = torch.linalg.cholesky_ex(torch.eye(factors.shape[0], dtype: torch.ScalarType.Float64) - _reduced.matmul(factors.t()));
        if (failure.item<int>() != 0)
            throw new ArgumentException(
                $"Without the forgotten rows the curvature of the target's last layer is singular: set {nameof(LastLayerRemoval.RelativeDamping)} above 0.");
        _factor = factor;
    }

    /// <summary>Solves for a tensor with as many values as A is wide.</summary>
    public torch.Tensor Solve(torch.Tensor values)
    {
        var flat = values.reshape(-1, 1);
        return _inverse.matmul(flat).Add(_reduced.t().matmul(torch.cholesky_solve(_reduced.matmul(flat), _factor))).reshape(values.shape);
    }
}
