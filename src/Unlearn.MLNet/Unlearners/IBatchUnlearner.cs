using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>An unlearner that can serve several requests at once for less than one by one, for example as stacked models.</summary>
public interface IBatchUnlearner : IUnlearner
{
    /// <summary>How many requests to serve at once; 1 where serving several at once gains nothing, or is not possible.</summary>
    /// <param name="target">The target of all requests.</param>
    /// <param name="recipe">How it was trained.</param>
    int BatchSize(ITarget target, ITrainingRecipe recipe);

    /// <summary>
    /// Unlearns several requests. Each model is that of <see cref="IUnlearner.Unlearn"/> up to rounding, and bit for bit a function of its own request, of its
    /// place among the requests and of their number: never of what the others ask for.
    /// </summary>
    /// <param name="requests">The requests: of one target, recipe and rows, and as many rows to forget in each.</param>
    /// <param name="cancellationToken">Stops between two batches of rows.</param>
    /// <exception cref="ArgumentException">The requests do not go together, or none suits the algorithm; one that does not among others is refused where its model is taken.</exception>
    UnlearnedBatch UnlearnMany(IReadOnlyList<UnlearningRequest> requests, CancellationToken cancellationToken);
}
