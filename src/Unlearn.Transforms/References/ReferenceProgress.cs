namespace Unlearn.Transforms;

/// <summary>Where the training of reference models stands.</summary>
public readonly record struct ReferenceProgress
{
    /// <summary>Number of models that are finished.</summary>
    public required int Finished { get; init; }

    /// <summary>Number of models in all.</summary>
    public required int Total { get; init; }
}
