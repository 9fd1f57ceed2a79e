using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>
/// RL: trains the target further, with a random wrong class y′ for each row to forget. Loss: α·ℓ(retained, y) + (1 − α)·ℓ(forgotten, y′)
/// (Golatkar et al., arXiv 1911.04933; Graves et al., arXiv 2010.10981). A row keeps its y′ over all steps.
/// </summary>
public sealed class RandomLabels : IAdjustableUnlearner
{
    /// <summary>α: weight of the retained rows' loss, between 0 and 1.</summary>
    /// <value>Default 0.98.</value>
    public double RetainWeight { get; init => field = Option.Share(value); } = 0.98;

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
    public string Specification => Invariant($"random-labels/1 retain={RetainWeight:R} epochs={Epochs} steps={MaximumSteps} rate={RelativeLearningRate:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    /// <inheritdoc/>
    public string StrengthScales => Strength.Forgetting;

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength) => new RandomLabels
    {
        RetainWeight = Strength.OfRetainWeight(strength, RetainWeight), Epochs = Epochs, MaximumSteps = MaximumSteps,
        RelativeLearningRate = Strength.OfForgetting(strength, RelativeLearningRate),
    };

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        run.Train(RelativeLearningRate, Pass(run, RetainWeight).Times(Epochs), MaximumSteps);
        return run.Finish();
    }

    internal static Pass Pass(UnlearningRun run, double retainWeight) =>
        run.Balanced(retainWeight, retained => retained.CrossEntropy(), forgotten => forgotten.CrossEntropy(position => WrongClass(run.Request, position)));

    /// <summary>y′ of a row, which depends on the request's seed and the row's id alone.</summary>
    internal static long WrongClass(UnlearningRequest request, int position)
    {
        var classes = request.Rows.ClassCount;
        var step = 1 + Seed.Derive(request.Seed, $"wrong class of row {request.Rows.Ids[position]}") % (classes - 1);
        return (request.Rows.LabelAt(position) + step) % classes;
    }
}
