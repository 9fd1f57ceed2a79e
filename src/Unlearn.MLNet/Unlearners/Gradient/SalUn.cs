using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>
/// SalUn (Fan et al., arXiv 2310.12508): like <see cref="RandomLabels"/>, but only the parameters with the largest |∇_θ ℓ(forgotten)| at the target may change.
/// All others keep the target's values: θ = m ⊙ θ_new + (1 − m) ⊙ θ_target. With share 1 it is <see cref="RandomLabels"/>.
/// </summary>
public sealed class SalUn : IAdjustableUnlearner
{
    /// <summary>Share of the parameters that may change, between 0 and 1.</summary>
    /// <value>Default 0.5.</value>
    public double SalientShare { get; init => field = Option.Share(value); } = 0.5;

    /// <summary>
    /// Weight of a forgotten row's loss relative to a retained row's, from 0. At 1 the rows weigh what they weigh in the authors' data loaders, which mix both
    /// kinds:
    /// a step's loss is the mean over its rows.
    /// </summary>
    /// <value>Default 1.</value>
    public double ForgottenRowWeight { get; init => field = Option.NotNegative(value); } = 1;

    /// <summary>Passes over the retained rows, from 1. The rows to forget are spread over the steps of a pass, with at least one in each step.</summary>
    /// <value>Default 2.</value>
    public int Epochs { get; init => field = Option.AtLeast(1, value); } = 2;

    /// <summary>Largest number of steps, from 1. The unlearner then ends even in the middle of a pass. A few steps are enough to forget a single row.</summary>
    /// <value>Default <see cref="int.MaxValue"/>: no limit.</value>
    public int MaximumSteps { get; init => field = Option.AtLeast(1, value); } = int.MaxValue;

    /// <summary>Learning rate as a multiple of the recipe's, above 0.</summary>
    /// <value>Default 0.5.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 0.5;

    /// <inheritdoc/>
    public string Name => "SalUn";

    /// <inheritdoc/>
    public string Specification => Invariant(
        $"salun/2 salient={SalientShare:R} weight={ForgottenRowWeight:R} epochs={Epochs} steps={MaximumSteps} rate={RelativeLearningRate:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => Strength.Forgetting;

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var (weight, rate, epochs) = Strength.OfForgetting(strength, ForgottenRowWeight, RelativeLearningRate, Epochs);
        return new SalUn
        {
            SalientShare = SalientShare, ForgottenRowWeight = weight, Epochs = epochs, MaximumSteps = MaximumSteps, RelativeLearningRate = rate,
        };
    }

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        run.Movable = ParameterMask.OfLargest([.. run.Gradient(request.Forget).Select(gradient => gradient.abs())], SalientShare);
        run.Train(RelativeLearningRate, RandomLabels.Pass(run, ForgottenRowWeight).Times(Epochs), MaximumSteps);
        return run.Finish();
    }
}
