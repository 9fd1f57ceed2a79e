using TorchSharp;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Curvature;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch;

namespace Unlearn.MLNet;

/// <summary>
/// LLR: <see cref="InfluenceRemoval"/> of the output layer alone (Guo et al., arXiv 1911.03030, section 4): W ← W − (H_r + decay·I)⁻¹(∇L_r(W) − ∇L(W_target)).
/// The objective of this layer is convex, and the other layers do not change. On a linear model, LLR equals retraining up to the error of the Newton
/// step, which vanishes with more steps. It can forget thousands of single rows per minute: the curvature of all rows is inverted once for a target,
/// and the Woodbury identity removes the forgotten rows from it.
/// </summary>
/// <remarks>
/// LLR is no certified removal. The certificate of Guo et al. needs a random linear term in the training objective and a bound on the remaining gradient;
/// LLR adds no noise, and the layers below were trained on the forgotten rows.
/// </remarks>
public sealed class LastLayerRemoval : IAdjustableUnlearner
{
    internal const string ShortName = "LLR";

    /// <summary>
    /// Number of Newton steps, from 1. All steps use the curvature at the target. Every further step is a pass over the layer's inputs for all rows.
    /// </summary>
    /// <value>Default 1.</value>
    public int Steps { get; init => field = Option.AtLeast(1, value); } = 1;

    /// <summary>
    /// λ, added to H's diagonal, as a multiple of the diagonal's mean, from 0. A recipe without weight decay needs λ above 0, since H is singular.
    /// </summary>
    /// <value>Default 0.</value>
    public double RelativeDamping { get; init => field = Option.NotNegative(value); }

    /// <summary>
    /// Weight of the removal, above 0: the gradient that the forgotten rows leave, ∇L_r(W_target) − ∇L(W_target), is multiplied by it. At 1, the
    /// steps aim at retraining.
    /// </summary>
    /// <value>Default 1.</value>
    public double RemovalWeight { get; init => field = Option.Positive(value); } = 1;

    /// <inheritdoc/>
    public string Name => ShortName;

    /// <inheritdoc/>
    public string Specification => Invariant($"last-layer-removal/2 steps={Steps} damping={RelativeDamping:R} weight={RemovalWeight:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => "weight of the removal, by the square: above 1, it overshoots retraining";

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength) =>
        new LastLayerRemoval { Steps = Steps, RelativeDamping = RelativeDamping, RemovalWeight = RemovalWeight * Math.Pow(Strength.Check(strength), 2) };

    /// <summary>Unlearns the rows of a request; see <see cref="IUnlearner.Unlearn"/>.</summary>
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
            var ofAll = layer.Gradient(weight).Mul((double)retained / request.Rows.Count);
            var removed = layer.Gradient(weight) - layer.Gradient(weight, forgotten) - ofAll;
            for (var step = 1; step <= Steps; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                // The change of the objective's gradient since the target, as a sum over the retained rows.
                var gradient = (layer.Gradient(weight) - layer.Gradient(weight, forgotten) - ofAll).Add(removed.Mul(RemovalWeight - 1))
                    .Add((weight - layer.Weight).Mul(retained * recipe.WeightDecay));
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
