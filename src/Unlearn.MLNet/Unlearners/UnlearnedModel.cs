using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>What an unlearner made.</summary>
/// <param name="Model">The model after unlearning.</param>
/// <param name="Original">
/// The model before unlearning where the algorithm keeps a model of its own (SISA's ensemble); <see langword="null"/> where it started from the target.
/// </param>
public sealed record UnlearnedModel(ITarget Model, ITarget? Original = null) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        Original?.Dispose();
    }
}
