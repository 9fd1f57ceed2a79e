using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>An unlearner that serves several requests together faster than one after another, for example as stacked models.</summary>
public interface IBatchUnlearner : IUnlearner
{
    /// <summary>Number of requests to serve at once; 1 if batches are not faster or not possible.</summary>
    /// <param name="target">The target of all requests.</param>
    /// <param name="recipe">How the target was trained.</param>
    int BatchSize(ITarget target, ITrainingRecipe recipe);

    /// <summary>
    /// Serves several requests. Each model equals the model from <see cref="IUnlearner.Unlearn"/>, up to rounding. Bit for bit, a model depends only on
    /// its own request, the position of this request and the number of requests. The contents of the other requests do not matter.
    /// </summary>
    /// <param name="requests">The requests. They share the target, the recipe and the rows, and each forgets the same number of rows.</param>
    /// <param name="cancellationToken">Stops between two batches of rows.</param>
    /// <exception cref="ArgumentException">
    /// The requests cannot be served together, or none suits the algorithm. If only some do not suit it, <see cref="UnlearnedBatch.Take"/> throws for them.
    /// </exception>
    UnlearnedBatch UnlearnMany(IReadOnlyList<UnlearningRequest> requests, CancellationToken cancellationToken);
}
