using TorchSharp;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Curvature;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Torch;

namespace Unlearn.MLNet;

/// <summary>
/// LLR: <see cref="InfluenceRemoval"/> of the output layer alone, whose objective is convex, all other layers staying as they are (Guo et al., arXiv 1911.03030, section 4):
/// W ← W − (H_r + decay·I)⁻¹(∇L_r(W) − ∇L(W_target)). On a linear model it leaves rows out exactly, up to the step's remainder; more steps make it vanish.
/// Thousands of single rows a minute: the curvature of all rows is inverted once for a target, and the forgotten rows are taken out of it by the
/// Woodbury identity.
/// </summary>
public sealed class LastLayerRemoval : IUnlearner
{
    internal const string ShortName = "LLR";

    /// <summary>Newton steps, from 1. The curvature stays that of the target; every further step is a pass over all rows' inputs of the layer.</summary>
    /// <value>Default 1.</value>
    public int Steps { get; init => field = Option.AtLeast(1, value); } = 1;

    /// <summary>λ, which is added to H's diagonal, as a multiple of its mean, from 0. A recipe without weight decay needs it, since H is singular.</summary>
    /// <value>Default 0.</value>
    public double RelativeDamping { get; init => field = Option.NotNegative(value); }

    /// <inheritdoc/>
    public string Name => ShortName;

    /// <inheritdoc/>
    public string Specification => Invariant($"last-layer-removal/1 steps={Steps} damping={RelativeDamping:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    /// <summary>Unlearns; see <see cref="IUnlearner.Unlearn"/>.</summary>
    /// <exception cref="ArgumentException">The target does not end in a linear layer, the layer is too large, or the curvature is singular.</exception>
    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (target, recipe) = request.Torch(Name);
        recipe.Check(request.Rows, request.Forget.ToArray());
        cancellationToken.ThrowIfCancellationRequested();
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var layer = LastLayer.Of(target, request.Rows);
        var retained = request.Rows.Count - request.Forget.Count;
        var forgotten = torch.tensor(request.Forget.Select(position => (long)position).ToArray());
        var solver = layer.CurvatureWithout(forgotten, recipe.WeightDecay, RelativeDamping);
        var model = target.Clone();
        model.Trace = null;
        try
        {
            var weight = layer.Weight;
            for (var step = 1; step <= Steps; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                // The sum over the retained rows of what changes the objective's gradient since the target.
                var gradient = layer.Gradient(weight) - layer.Gradient(weight, forgotten) - layer.Gradient(layer.Weight) * ((double)retained / request.Rows.Count)
                    + retained * recipe.WeightDecay * (weight - layer.Weight);
                weight = weight - solver.Solve(gradient);
                layer.Write(weight, model);
                request.ShowStep(step, model);
            }
            return FiniteState.FindOffender(model.Module) is { } offender
                ? throw new TrainingDivergedException($"{Name} diverged: {offender} is no longer finite. {UnlearningRun.Remedy}")
                : new(model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
