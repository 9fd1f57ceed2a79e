using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>
/// RL: trains the target further, with a random wrong class y′ for each row to forget. Loss: the mean of ℓ(retained, y) and w·ℓ(forgotten, y′) over rows
/// (Golatkar et al., arXiv 1911.04933; Graves et al., arXiv 2010.10981). A row keeps its y′ over all steps.
/// </summary>
public sealed class RandomLabels : IAdjustableUnlearner
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
    public string Name => "RL";

    /// <inheritdoc/>
    public string Specification =>
        Invariant($"random-labels/2 weight={ForgottenRowWeight:R} epochs={Epochs} steps={MaximumSteps} rate={RelativeLearningRate:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => Strength.Forgetting;

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var (weight, rate, epochs) = Strength.OfForgetting(strength, ForgottenRowWeight, RelativeLearningRate, Epochs);
        return new RandomLabels { ForgottenRowWeight = weight, Epochs = epochs, MaximumSteps = MaximumSteps, RelativeLearningRate = rate };
    }

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        run.Train(RelativeLearningRate, Pass(run, ForgottenRowWeight).Times(Epochs), MaximumSteps);
        return run.Finish();
    }

    internal static Pass Pass(UnlearningRun run, double forgottenRowWeight) =>
        run.Mixed(forgottenRowWeight, retained => retained.CrossEntropy(), forgotten => forgotten.CrossEntropy(position => WrongClass(run.Request, position)));

    /// <summary>y′ of a row, which depends on the request's seed and the row's id alone.</summary>
    internal static long WrongClass(UnlearningRequest request, int position)
    {
        var classes = request.Rows.ClassCount;
        var step = 1 + Seed.Derive(request.Seed, $"wrong class of row {request.Rows.Ids[position]}") % (classes - 1);
        return (request.Rows.LabelAt(position) + step) % classes;
    }
}
