using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.Pipeline.DataViews;
using Unlearn.Transforms.Pipeline.Persistence;

[assembly: LoadableClass(typeof(ITransformer), typeof(Unlearn.Transforms.UnlearnFactorsTransformer), null, typeof(SignatureLoadModel),
    "Unlearning hardness factors", MLNetInternals.LoaderSignature)]

namespace Unlearn.Transforms;

/// <summary>
/// Adds the hardness factors of a fitted target to any rows. Several threads and prediction engines may use it at once. It owns its copy of the target:
/// the target that the estimator was given stays the caller's.
/// </summary>
public sealed class UnlearnFactorsTransformer : ITransformer, ITransformerWithDifferentMappingAtTrainingTime, IDisposable
{
    private readonly IHost _host;

    internal UnlearnFactorsTransformer(IHostEnvironment environment, FittedFactors fitted)
    {
        _host = environment.Register(nameof(UnlearnFactorsTransformer));
        Fitted = fitted;
    }

    /// <summary>Names of the factors, in the order of the vector's slots.</summary>
    public IReadOnlyList<string> FactorNames => [.. Fitted.Model.Factors.Select(factor => factor.Name)];

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    internal FittedFactors Fitted { get; }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        using var use = Fitted.Use();
        return new FactorBindings(Fitted, inputSchema).OutputSchema;
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">
    /// The transformer was disposed. Cursors over the returned rows throw it, too, if they are opened after that.
    /// </exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var use = Fitted.Use();
        return new FactorDataView(_host, input, new FactorBindings(Fitted, input.Schema));
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        using var use = Fitted.Use();
        return new FactorRowMapper(new FactorBindings(Fitted, inputSchema));
    }

    /// <summary>
    /// Frees the copy of the target and what was learned from the training rows. Open cursors and rows stay usable: the memory is freed when the last
    /// of them is disposed. ML.NET's chains dispose their transformers, and prediction engines dispose their model unless
    /// <see cref="PredictionEngineOptions.OwnsTransformer"/> is off. Engines that were made before stay usable. They never dispose their row, so what
    /// they use is freed when they are collected.
    /// </summary>
    public void Dispose() => Fitted.Dispose();

    // ML.NET's chains call this, once, to train the components after this one.
    IDataView ITransformerWithDifferentMappingAtTrainingTime.TransformForTrainingPipeline(IDataView input)
    {
        using var use = Fitted.Use();
        return new FactorDataView(_host, input, new FactorBindings(Fitted, input.Schema, isTraining: true));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        using var use = Fitted.Use();
        MLNetInternals.Save(ctx, MLNetInternals.Factors, SavedFactors.Entries(Fitted));
    }

    // ML.NET finds this by name and by its exact return type when it loads a model.
    [SuppressMessage("Performance", "CA1859", Justification = "ML.NET asks for exactly this return type.")]
    [SuppressMessage("CodeQuality", "IDE0051", Justification = "Called through reflection.")]
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        MLNetCompatibility.Check();
        return new UnlearnFactorsTransformer(env, SavedFactors.Load(env, MLNetInternals.Load(ctx, MLNetInternals.Factors)));
    }
}
