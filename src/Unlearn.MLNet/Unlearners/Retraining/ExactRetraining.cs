using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>EU (exact unlearning): trains a new model by the recipe on the retained rows. All other unlearners are compared with it.</summary>
public sealed class ExactRetraining : IBatchUnlearner
{
    /// <inheritdoc/>
    public string Name => "EU";

    /// <inheritdoc/>
    public string Specification => "exact-retraining/1";

    /// <inheritdoc/>
    public bool IsExact => true;

    /// <inheritdoc/>
    public bool MakesRetrainPool => true;

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.Recipe.Train(request.Rows, request.Retained.ToArray(), request.Seed, cancellationToken: cancellationToken));
    }

    /// <inheritdoc/>
    public int BatchSize(ITarget target, ITrainingRecipe recipe) => StackedUnlearning.BatchSize(target, recipe);

    /// <inheritdoc/>
    public UnlearnedBatch UnlearnMany(IReadOnlyList<UnlearningRequest> requests, CancellationToken cancellationToken)
    {
        var (_, recipe) = StackedUnlearning.Check(Name, requests);
        var (targets, diverged) = recipe.TrainAll(requests[0].Rows,
            [.. requests.Select(request => new TrainingSpec { Positions = request.Retained.ToArray(), Seed = request.Seed })], starts: null, cancellationToken);
        return UnlearnedBatch.Of([.. targets.Select(target => new UnlearnedModel(target))], diverged);
    }
}
