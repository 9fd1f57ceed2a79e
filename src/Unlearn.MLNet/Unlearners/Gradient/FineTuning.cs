using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet;

/// <summary>
/// FT: trains the target for a few more epochs on the retained rows alone, so that it may forget the others (Golatkar et al., arXiv 1911.04933,
/// baseline).
/// </summary>
public sealed class FineTuning : IBatchUnlearner, IAdjustableUnlearner
{
    /// <summary>Passes over the retained rows, from 1.</summary>
    /// <value>Default 2.</value>
    public int Epochs { get; init => field = Option.AtLeast(1, value); } = 2;

    /// <summary>Learning rate as a multiple of the recipe's, above 0.</summary>
    /// <value>Default 0.5.</value>
    public double RelativeLearningRate { get; init => field = Option.Positive(value); } = 0.5;

    /// <inheritdoc/>
    public string Name => "FT";

    /// <inheritdoc/>
    public string Specification => Invariant($"fine-tuning/1 epochs={Epochs} rate={RelativeLearningRate:R}");

    /// <inheritdoc/>
    public bool IsExact => false;

    string? IUnlearner.Refusal(ITrainingRecipe recipe) => UnlearningRequest.TorchRefusal(Name, recipe);

    /// <inheritdoc/>
    public string StrengthScales => Strength.Training;

    /// <inheritdoc/>
    public IUnlearner WithStrength(double strength)
    {
        var (rate, epochs) = Strength.OfTraining(strength, RelativeLearningRate, Epochs);
        return new FineTuning { Epochs = epochs, RelativeLearningRate = rate };
    }

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        using var run = new UnlearningRun(this, request, cancellationToken);
        run.Train(RelativeLearningRate, run.FineTuning(Epochs));
        return run.Finish();
    }

    /// <inheritdoc/>
    public int BatchSize(ITarget target, ITrainingRecipe recipe) => StackedUnlearning.BatchSize(target, recipe);

    /// <inheritdoc/>
    public UnlearnedBatch UnlearnMany(IReadOnlyList<UnlearningRequest> requests, CancellationToken cancellationToken)
    {
        var (_, recipe) = StackedUnlearning.Check(Name, requests);
        return StackedUnlearning.Run(this, requests, RelativeLearningRate, double.PositiveInfinity, Steps, cancellationToken);

        IEnumerable<WeightedRow[]> Steps(UnlearningRequest request)
        {
            var retained = new RowOrder(request.Retained, recipe.BatchSize, request.Seed);
            for (var step = 0L; step < (long)Epochs * retained.Count; step++)
                yield return [.. WeightedRow.Mean(retained.Next(), 1)];
        }
    }
}
