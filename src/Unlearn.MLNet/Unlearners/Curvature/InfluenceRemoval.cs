using TorchSharp;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Curvature;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet;

/// <summary>
/// IR: a Newton step from the minimum of the objective L over all rows towards the minimum of the objective L_r over the retained rows:
/// θ ← θ − (H_r + λI)⁻¹(∇L_r(θ) − ∇L(θ_target)) (Guo et al., arXiv 1911.03030; Koh and Liang, arXiv 1703.04730).
/// At θ_target with ∇L = 0, this is the influence function of leaving rows out: θ + (H_r + λI)⁻¹ Σ_forgotten ∇ℓ / n_r.
/// Subtracting ∇L(θ_target) removes the gradient that remains if the training did not converge. Both objectives include the recipe's weight decay.
/// On a convex objective, a few steps reach the retrained minimum.
/// </summary>
/// <remarks>
/// H is the Gauss-Newton matrix of the cross-entropy; for a linear model it is the Hessian. A small module uses the whole matrix. A larger module uses
/// the EK-FAC approximation (Grosse et al., arXiv 2308.03296), layer by layer, with labels drawn from the model.
/// IR is no certified removal. The certificate of Guo et al. needs a random linear term in a strongly convex training objective and a bound on the
/// remaining gradient; IR adds no noise.
/// </remarks>
public sealed class InfluenceRemoval : IAdjustableUnlearner
{
    /// <summary>Number of Newton steps, from 1. The curvature is computed anew for each step.</summary>
    /// <value>Default 1.</value>
    public int Steps { get; init => field = Option.AtLeast(1, value); } = 1;

    /// <summary>λ as a multiple of the mean of H's diagonal, from 0. With EK-FAC, each layer has its own mean.</summary>
    /// <value>Default 0.1.</value>
    public double RelativeDamping { get; init => field = Option.NotNegative(value); } = 0.1;

    /// <summary>
    /// Largest number of parameters with which the whole matrix H is used, from 0. Memory grows with the square of this number, time with the cube.
    /// </summary>
    /// <value>Default 3,000.</value>
    public int MaximumWholeCurvature { get; init => field = Option.AtLeast(0, value); } = 3000;

    /// <summary>
    /// Weight of the removal, above 0: the gradient that the forgotten rows leave, ∇L_r(θ_target) − ∇L(θ_target), is multiplied by it. At 1, the
    /// steps aim at retraining.
    /// </summary>
    /// <value>Default 1.</value>
    public double RemovalWeight { get; init => field = Option.Positive(value); } = 1;

    /// <inheritdoc/>
    public string Name => "IR";

    /// <inheritdoc/>
    public string Specification =>
        Invariant($"influence-removal/1 steps={Steps} damping={RelativeDamping:R} whole={MaximumWholeCurvature} weight={RemovalWeight:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => "weight of the removal: above 1, it overshoots retraining";

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength) => new InfluenceRemoval
    {
        Steps = Steps, RelativeDamping = RelativeDamping, MaximumWholeCurvature = MaximumWholeCurvature, RemovalWeight =
            RemovalWeight * Strength.Check(strength),
    };

    /// <summary>Unlearns the rows of a request; see <see cref="IUnlearner.Unlearn"/>.</summary>
    /// <exception cref="ArgumentException">A layer has no per-row gradients, or the curvature is singular.</exception>
    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        var all = run.Gradient([.. Enumerable.Range(0, request.Rows.Count)]);
        IReadOnlyList<torch.Tensor>? removed = null;
        var start = run.Parameters.Select(parameter => parameter.clone()).ToList();
        for (var step = 0; step < Steps; step++)
        {
            using var scope = torch.NewDisposeScope();
            var decay = run.Recipe.WeightDecay;
            var retained = run.Gradient(request.Retained);
            removed ??= [.. retained.Zip(all, (ofRetained, ofAll) => (ofRetained - ofAll).Mul(RemovalWeight - 1).MoveToOuterDisposeScope())];
            var gradient = run.Parameters.Select((parameter, i) => (retained[i] - all[i]).Add(removed[i]).Add((parameter - start[i]).Mul(decay))).ToList();
            var moves = run.Parameters.Sum(parameter => parameter.numel()) <= MaximumWholeCurvature
                ? WholeCurvature.Solve(run, gradient, RelativeDamping, decay)
                : EkfacPreconditioner.Solve(run, gradient, RelativeDamping, decay);
            foreach (var (parameter, move) in run.Parameters.Zip(moves))
                parameter.sub_(move);
            run.EndStep();
        }
        return run.Finish();
    }
}
