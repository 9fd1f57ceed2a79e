namespace Unlearn.Transforms;

/// <summary>Where the training of reference models stands.</summary>
/// <param name="Finished">Models finished.</param>
/// <param name="Total">Models in all.</param>
public readonly record struct ReferenceProgress(int Finished, int Total);
