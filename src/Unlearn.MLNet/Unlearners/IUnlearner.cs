namespace Unlearn.MLNet;

/// <summary>An unlearning algorithm: from a target, its recipe, the rows to forget, the rows to retain and a seed to an unlearned model.</summary>
/// <remarks>Implementations are immutable and are called from several threads at once.</remarks>
public interface IUnlearner
{
    /// <summary>Short name, unique in a study: <c>EU</c>, <c>FT</c>, <c>SISA</c>.</summary>
    string Name { get; }

    /// <summary>Canonical text of the algorithm and all of its options: part of a trial's identity.</summary>
    string Specification { get; }

    /// <summary>
    /// Whether the unlearned model never saw the forgotten rows. The hardness score of an exact unlearner is the displacement of a row,
    /// that of an approximate one its gap to retraining.
    /// </summary>
    bool IsExact { get; }

    /// <summary>
    /// Whether the models are a retrain pool: trained by the recipe on the retained rows alone, as if the forgotten ones had never been there. Such an unlearner is exact.
    /// Approximate unlearners are scored against the pool. Of several unlearners that make one, the first counts.
    /// </summary>
    /// <value>Default <see langword="false"/>; <see langword="true"/> for <see cref="ExactRetraining"/>.</value>
    bool MakesRetrainPool => false;

    /// <summary>Unlearns. The same request gives the same model, bit for bit, on one kind of machine.</summary>
    /// <param name="request">What to unlearn, and from what.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The request does not suit the algorithm: for example fewer rows than shards.</exception>
    UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken);
}
