using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet;

/// <summary>
/// NegGrad+: decreases the loss of the retained rows and increases the loss of the forgotten rows in the same step, with loss
/// α·ℓ(retained) − (1 − α)·ℓ(forgotten) (Kurmanji et al., arXiv 2302.09880, section 4). As in the authors' code, each batch of retained rows is
/// paired with a batch of as many rows to forget, or of all if there are fewer; these batches are taken in turn without end. With α = 1 it is
/// <see cref="FineTuning"/>.
/// </summary>
public sealed class NegGradPlus : IBatchUnlearner, IAdjustableUnlearner
{
    /// <summary>α: weight of the retained rows' loss, between 0 and 1.</summary>
    /// <value>Default 0.95.</value>
    public double RetainWeight { get; init => field = Option.Share(value); } = 0.95;

    /// <summary>Passes over the retained rows, from 1.</summary>
    /// <value>Default 2.</value>
    public int Epochs { get; init => field = Option.AtLeast(1, value); } = 2;

    /// <summary>Largest number of steps, from 1. The unlearner then ends even in the middle of a pass. A few steps are enough to forget a single row.</summary>
    /// <value>Default <see cref="int.MaxValue"/>: no limit.</value>
    public int MaximumSteps { get; init => field = Option.AtLeast(1, value); } = int.MaxValue;

    /// <summary>Learning rate as a multiple of the recipe's, above 0.</summary>
    /// <value>Default 0.5.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 0.5;

    /// <summary>Largest norm of a step's gradient, above 0; a longer gradient is clipped to this norm. Infinity means no limit.</summary>
    /// <value>Default infinity.</value>
    public double MaximumGradientNorm { get; init => field = Option.PositiveOrInfinite(value); } = double.PositiveInfinity;

    /// <inheritdoc/>
    public string Name => "NegGrad+";

    /// <inheritdoc/>
    public string Specification => Invariant(
        $"neg-grad-plus/2 retain={RetainWeight:R} epochs={Epochs} steps={MaximumSteps} rate={RelativeLearningRate:R} norm={MaximumGradientNorm:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => "odds of the forgotten rows' weight, 1 − α : α; " + Strength.Training;

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var (rate, epochs) = Strength.OfTraining(strength, RelativeLearningRate, Epochs);
        return new NegGradPlus
        {
            RetainWeight = Strength.OfRetainWeight(
                strength, RetainWeight), Epochs = epochs, MaximumSteps = MaximumSteps, RelativeLearningRate = rate, MaximumGradientNorm = MaximumGradientNorm,
        };
    }

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken) { MaximumGradientNorm = MaximumGradientNorm };
        run.Train(
            RelativeLearningRate,
            run.Balanced(RetainWeight, run.Forgotten(), retained => retained.CrossEntropy(), forgotten => -forgotten.CrossEntropy()).Times(Epochs),
            MaximumSteps);
        return run.Finish();
    }

    /// <inheritdoc/>
    public int BatchSize(ITarget target, ITrainingRecipe recipe) => StackedUnlearning.BatchSize(target, recipe);

    /// <inheritdoc/>
    public UnlearnedBatch UnlearnMany(IReadOnlyList<UnlearningRequest> requests, CancellationToken cancellationToken)
    {
        var (_, recipe) = StackedUnlearning.Check(Name, requests);
        return StackedUnlearning.Run(this, requests, RelativeLearningRate, MaximumGradientNorm, Steps, cancellationToken);

        IEnumerable<WeightedRow[]> Steps(UnlearningRequest request)
        {
            var retained = new RowOrder(request.Retained, recipe.BatchSize, request.Seed);
            var forgotten = new RowOrder(request.Forget, recipe.BatchSize, Seed.Derive(request.Seed, UnlearningRun.ForgottenOrder));
            for (var step = 0L; step < Math.Min((long)Epochs * retained.Count, MaximumSteps); step++)
                yield return
                [
                    .. RetainWeight > 0 ? WeightedRow.Mean(retained.Next(), RetainWeight) : [],
                    .. RetainWeight < 1 ? WeightedRow.Mean(forgotten.Next(), RetainWeight - 1) : [],
                ];
        }
    }
}
