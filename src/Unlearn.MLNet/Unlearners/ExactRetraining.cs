namespace Unlearn.MLNet.Unlearners;

/// <summary>EU: trains a new model by the recipe on the retained rows. The reference that all other unlearners are measured against.</summary>
public sealed class ExactRetraining : IUnlearner
{
    internal const string ShortName = "EU";

    /// <inheritdoc/>
    public string Name => ShortName;

    /// <inheritdoc/>
    public string Specification => "exact-retraining/1";

    /// <inheritdoc/>
    public bool IsExact => true;

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.Recipe.Train(request.Rows, request.Retained.ToArray(), request.Seed, cancellationToken: cancellationToken));
    }
}
