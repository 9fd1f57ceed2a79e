using TorchSharp;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample.Curvature;
using Unlearn.Transforms.Torch.PerSample.Gradients;
using Unlearn.Transforms.Torch.PerSample.Samplers;

namespace Unlearn.MLNet.Unlearners.Curvature;

/// <summary>
/// EK-FAC approximation of the Gauss-Newton matrix of the mean cross-entropy over the retained rows (George et al., arXiv 1806.03884; Grosse et al.,
/// arXiv 2308.03296). It has no terms between layers. The block of a layer is Q Λ Qᵀ in the eigenbasis Q of the layer's Kronecker factors, with
/// labels drawn from the model. For layers without Kronecker factors, it uses the diagonal.
/// </summary>
internal static class EkfacPreconditioner
{
    private const string DrawnLabels = "drawn labels";

    /// <summary>Solves (H + (λ + decay)·I)·x = gradient.</summary>
    /// <param name="run">The run.</param>
    /// <param name="gradient">One tensor per parameter.</param>
    /// <param name="relativeDamping">λ of a layer as a multiple of its mean eigenvalue.</param>
    /// <param name="decay">Weight decay.</param>
    /// <returns>x: one tensor per parameter; 0 for parameters that the logits do not depend on.</returns>
    /// <exception cref="ArgumentException">A layer has no per-row gradients, or its matrix is singular.</exception>
    public static IReadOnlyList<torch.Tensor> Solve(UnlearningRun run, IReadOnlyList<torch.Tensor> gradient, double relativeDamping, double decay)
    {
        var curvatures = EkfacFit.Run(
            visit => PerRowGradients.ForEachBatch(run, run.Request.Retained, (pass, _) => visit(pass)), Seed.Derive(run.Request.Seed, DrawnLabels));
        var moves = gradient.Select(part => torch.zeros_like(part)).ToArray();
        var parameters = run.Model.Trainable.Select((parameter, number) => (Layer: LayerSamplers.LayerOf(parameter.Name), Number: number));
        foreach (var ofLayer in parameters.Where(parameter => curvatures.ContainsKey(parameter.Layer)).GroupBy(
            parameter => parameter.Layer, parameter => parameter.Number))
        {
            var (basis, curvature) = curvatures[ofLayer.Key];
            var damped = curvature.Add(relativeDamping * curvature.mean().item<float>() + decay);
            if (damped.min().item<float>() <= 0)
                throw new ArgumentException($"{run.Unlearner} cannot invert the curvature of the target's layer '{ofLayer.Key}', "
                    + $"which is singular without damping: set {nameof(InfluenceRemoval.RelativeDamping)} above 0.");
            int[] numbers = [.. ofLayer];
            var solved = basis is not null
                ? SolveInBasis([.. numbers.Select(number => gradient[number])], damped, basis)
                : TensorParts.Of(torch.cat([.. numbers.Select(number => gradient[number].flatten())]) / damped.flatten(),
                    numbers.Select(number => gradient[number].numel()));
            foreach (var (number, move) in numbers.Zip(solved))
                moves[number] = move.reshape(gradient[number].shape);
        }
        return moves;
    }

    // The weight's gradient as groups × out × in, followed by the bias's gradient as one more input, which is constant.
    private static IReadOnlyList<torch.Tensor> SolveInBasis(torch.Tensor[] gradients, torch.Tensor damped, EigenBasis basis)
    {
        var (groups, outputs) = (damped.shape[0], damped.shape[1]);
        var matrices = torch.cat([.. gradients.Select(gradient => gradient.reshape(groups, outputs, -1))], 2);
        var solved = basis.Outputs.matmul(basis.Outputs.t().matmul(matrices).matmul(basis.Inputs) / damped).matmul(basis.Inputs.t());
        return TensorParts.Of(solved, gradients.Select(gradient => gradient.numel() / (groups * outputs)), 2);
    }
}
