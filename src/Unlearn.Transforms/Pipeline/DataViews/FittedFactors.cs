using Microsoft.ML;
using Unlearn.Transforms.Factors;

namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>What a transformer knows: the fitted factors and the columns that they are read from and written to. It owns the models and their target.</summary>
internal sealed class FittedFactors : IDisposable
{
    private readonly SharedLifetime _lifetime;

    /// <param name="model">The target with its fitted factors.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="crossFitted">Out-of-fold factors of the training rows, with the same target; lost when the transformer is saved.</param>
    public FittedFactors(FactorModel model, FactorColumns columns, CrossFittedModel? crossFitted = null)
    {
        Model = model;
        Columns = columns;
        CrossFitted = crossFitted;
        _lifetime = new(
            $"The {nameof(UnlearnFactorsTransformer)} was disposed, and its copy of the target with it. A prediction engine disposes the model that it was "
            + $"made of, unless its options say {nameof(PredictionEngineOptions.OwnsTransformer)} = false. "
            + "Load or fit the model again, or dispose it after its last use.",
            () =>
            {
                CrossFitted?.DisposeStates();
                Model.DisposeStates();
                Model.Target.Dispose();
            });
    }

    public FactorModel Model { get; }

    public FactorColumns Columns { get; }

    public CrossFittedModel? CrossFitted { get; }

    /// <summary>Names of the target's classes: label keys find theirs by them. <see langword="null"/> where they are not known, and keys count.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Keeps the models alive until the returned object is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IDisposable Use() => _lifetime.Use();

    /// <summary>Frees the models when their last user has ended.</summary>
    public void Dispose() => _lifetime.Close();
}
