using TorchSharp;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet.Unlearners.Curvature;

/// <summary>
/// The Gauss-Newton matrix of the mean cross-entropy over the retained rows, parameters × parameters: (1/n) Σ_n J_nᵀ (diag(p_n) − p_n p_nᵀ) J_n with
/// J_n the derivative of row n's logits (Schraudolph, Neural Computation 2002). It is summed as one outer product per row and class k, with
/// v_k = √p_k (e_k − p), since diag(p) − ppᵀ = Σ_k v_k v_kᵀ.
/// </summary>
internal static class WholeCurvature
{
    /// <summary>Solves (H + (λ + decay)·I)·x = gradient.</summary>
    /// <param name="run">The run.</param>
    /// <param name="gradient">One tensor per parameter.</param>
    /// <param name="relativeDamping">λ as a multiple of the mean of H's diagonal.</param>
    /// <param name="decay">Weight decay.</param>
    /// <returns>x: one tensor per parameter.</returns>
    /// <exception cref="ArgumentException">The matrix is singular.</exception>
    public static IReadOnlyList<torch.Tensor> Solve(UnlearningRun run, IReadOnlyList<torch.Tensor> gradient, double relativeDamping, double decay)
    {
        var curvature = Sum(run).Div(run.Request.Retained.Count);
        curvature.diagonal().AddInPlace(curvature.diagonal().mean().Mul(relativeDamping).Add(decay));
        var (factor, failure) = torch.linalg.cholesky_ex(curvature);
        if (failure.item<int>() != 0)
            throw new ArgumentException($"{run.Unlearner} cannot invert the target's curvature, which is singular without damping: "
                + $"set {nameof(InfluenceRemoval.RelativeDamping)} above 0.");
        var flat = torch.cat([.. gradient.Select(part => part.flatten())]).to(curvature.dtype).unsqueeze(1);
        var solution = torch.cholesky_solve(flat, factor).squeeze(1).to(torch.ScalarType.Float32);
        return [.. TensorParts.Of(solution, gradient.Select(part => part.numel())).Zip(gradient, (part, whole) => part.reshape(whole.shape))];
    }

    private static torch.Tensor Sum(UnlearningRun run)
    {
        var size = run.Parameters.Sum(parameter => parameter.numel());
        var sum = torch.zeros([size, size], torch.ScalarType.Float64, run.Model.Device);
        PerRowGradients.ForEachBatch(run, run.Request.Retained, (pass, _) =>
        {
            var probabilities = pass.Logits.detach().softmax(1);
            for (var k = 0; k < probabilities.shape[1]; k++)
            {
                using var scope = torch.NewDisposeScope();
                var v = probabilities.neg();
                v[.., k].AddInPlace(1);
                var rows = torch.cat([.. PerRowGradients.OfLogits(run, pass, probabilities[.., k].sqrt().unsqueeze(1) * v)], 1).to(sum.dtype);
                sum.addmm_(rows.t(), rows);
            }
        });
        return sum;
    }
}
