using TorchSharp;
using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet;

/// <summary>
/// SSD (Foster et al., arXiv 2308.07707, equations 3 and 4): shrinks the parameters that are far more important for the rows to forget than for all
/// rows, without any training. A parameter's importance I for a set of rows is its mean squared per-row gradient: the diagonal of the Fisher matrix
/// with the rows' own labels. If I_forgotten &gt; α·I_all, the parameter is multiplied by min(λ·I_all / I_forgotten, 1).
/// </summary>
/// <remarks>
/// The authors' code squares the gradients of batches, whose ratios are larger and noisier: its α, such as 10, is not comparable. By rows,
/// I_forgotten / I_all is at most rows / forgotten rows. docs/unlearners.md has a measurement.
/// </remarks>
public sealed class SelectiveSynapticDampening : IAdjustableUnlearner
{
    /// <summary>
    /// α: a parameter is selected if it is more than α times as important for the rows to forget as for all rows. Above 0; infinity selects none. Try
    /// 0.5 to 4.
    /// </summary>
    /// <value>Default 4.</value>
    public double SelectionThreshold { get; init => field = Option.PositiveOrInfinite(value); } = 4;

    /// <summary>λ: the higher, the less the selected parameters shrink; above 0.</summary>
    /// <value>Default 1.</value>
    public double Dampening { get; init => field = Option.Positive(value); } = 1;

    /// <inheritdoc/>
    public string Name => "SSD";

    /// <inheritdoc/>
    public string Specification => Invariant($"selective-synaptic-dampening/2 threshold={SelectionThreshold:R} dampening={Dampening:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => "threshold α, divided by the square; below α = 1, dampening λ as well";

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var threshold = SelectionThreshold / Math.Pow(Strength.Check(strength), 2);
        return new SelectiveSynapticDampening
        {
            SelectionThreshold = threshold,
            Dampening = Dampening * Math.Min(1, threshold) / Math.Min(1, SelectionThreshold),
        };
    }

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        var forgotten = PerRowGradients.SumOfSquares(run, request.Forget);
        var retained = PerRowGradients.SumOfSquares(run, request.Retained);
        for (var i = 0; i < run.Parameters.Count; i++)
        {
            using var scope = torch.NewDisposeScope();
            var ofForgotten = forgotten[i].Div(request.Forget.Count);
            var ofAll = forgotten[i].Add(retained[i]).Div(request.Rows.Count);
            var factor = (ofAll.Mul(Dampening) / ofForgotten).ClampMax(1);
            run.Parameters[i].mul_(torch.where(ofForgotten.gt(ofAll.Mul(SelectionThreshold)), factor, 1));
        }
        return run.Finish();
    }
}
