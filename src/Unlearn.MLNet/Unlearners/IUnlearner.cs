using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>
/// An unlearning algorithm. It makes an unlearned model from a target, the target's recipe, the rows to forget, the rows to retain and a seed.
/// </summary>
/// <remarks>Implementations are immutable and are called from several threads at once.</remarks>
public interface IUnlearner
{
    /// <summary>Short name, unique in a study: <c>EU</c>, <c>FT</c>, <c>SISA</c>.</summary>
    string Name { get; }

    /// <summary>Canonical text of the algorithm and all of its options. It is part of a trial's identity.</summary>
    string Specification { get; }

    /// <summary>
    /// Whether the unlearned model never saw the forgotten rows. For an exact unlearner, the hardness score of a row is its displacement.
    /// For an approximate unlearner, the hardness score of a row is its residual memory.
    /// </summary>
    bool IsExact { get; }

    /// <summary>
    /// Whether the unlearned models form a retrain pool: each is trained by the recipe on the retained rows alone. Such an unlearner is exact.
    /// Approximate unlearners are scored against the pool. If several unlearners make a pool, the first one counts.
    /// </summary>
    /// <value>Default <see langword="false"/>; <see langword="true"/> for <see cref="ExactRetraining"/>.</value>
    bool MakesRetrainPool => false;

    /// <summary>Why the algorithm cannot unlearn from models of a recipe. Studies and labelings ask before anything is trained.</summary>
    /// <param name="recipe">How the target is trained.</param>
    /// <returns>The reason, with a remedy; <see langword="null"/>, the default, if nothing speaks against it.</returns>
    string? Refusal(ITrainingRecipe recipe) => null;

    /// <summary>Unlearns the rows of a request. The same request gives the same model, bit for bit, on the same kind of machine.</summary>
    /// <param name="request">The rows to forget, and the model to forget them.</param>
    /// <param name="cancellationToken">Stops between two batches of rows.</param>
    /// <exception cref="ArgumentException">The request does not suit the algorithm: for example, it has fewer rows than shards.</exception>
    UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken);
}
