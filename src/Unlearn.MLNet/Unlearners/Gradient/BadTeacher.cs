using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>
/// BadT (Chundawat et al., arXiv 2205.08096): a copy of the target learns from two teachers. On the retained rows, the teacher is the target. On the forgotten
/// rows, it is
/// an untrained module of the same architecture. Loss: the mean of KL(target ‖ copy; retained) and w·KL(untrained ‖ copy; forgotten) over rows.
/// </summary>
public sealed class BadTeacher : IAdjustableUnlearner
{
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
    public string Name => "BadT";

    /// <inheritdoc/>
    public string Specification => Invariant($"bad-teacher/2 weight={ForgottenRowWeight:R} epochs={Epochs} steps={MaximumSteps} rate={RelativeLearningRate:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => Strength.Forgetting;

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var (weight, rate, epochs) = Strength.OfForgetting(strength, ForgottenRowWeight, RelativeLearningRate, Epochs);
        return new BadTeacher { ForgottenRowWeight = weight, Epochs = epochs, MaximumSteps = MaximumSteps, RelativeLearningRate = rate };
    }

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        using var untrained = run.Untrained();
        run.Train(
            RelativeLearningRate,
            run.Mixed(ForgottenRowWeight, retained => retained.DivergenceFrom(run.Target), forgotten => forgotten.DivergenceFrom(untrained)).Times(Epochs),
            MaximumSteps);
        return run.Finish();
    }
}
