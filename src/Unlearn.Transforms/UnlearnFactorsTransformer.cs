using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Unlearn.Transforms.DataViews;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.Persistence;

namespace Unlearn.Transforms;

/// <summary>
/// Adds the hardness factors of a fitted target to any rows. It owns its copy of the target, keeps nothing open, and may be used by several
/// threads and prediction engines at once.
/// </summary>
public sealed class UnlearnFactorsTransformer : ITransformer, ITransformerWithDifferentMappingAtTrainingTime
{
    private readonly IHost _host;

    internal UnlearnFactorsTransformer(IHostEnvironment environment, FactorModel model, FactorColumns columns, IReadOnlyList<string>? classNames, CrossFittedModel? crossFitted = null)
    {
        _host = environment.Register(nameof(UnlearnFactorsTransformer));
        Model = model;
        Columns = columns;
        ClassNames = classNames;
        CrossFitted = crossFitted;
    }

    /// <summary>Names of the factors, in the order of the vector's slots.</summary>
    public IReadOnlyList<string> FactorNames => [.. Model.Factors.Select(factor => factor.Name)];

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    internal FactorModel Model { get; }

    internal FactorColumns Columns { get; }

    /// <summary>Names of the target's classes: label keys find theirs by them. <see langword="null"/> where they are not known, and keys count.</summary>
    internal IReadOnlyList<string>? ClassNames { get; }

    /// <summary>Out-of-fold factors of the training rows; lost when the transformer is saved.</summary>
    internal CrossFittedModel? CrossFitted { get; }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new FactorBindings(this, inputSchema).OutputSchema;
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new FactorDataView(_host, input, new FactorBindings(this, input.Schema));
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new FactorRowMapper(new FactorBindings(this, inputSchema));
    }

    // ML.NET's chains call this, once, to train the components after this one.
    IDataView ITransformerWithDifferentMappingAtTrainingTime.TransformForTrainingPipeline(IDataView input) =>
        new FactorDataView(_host, input, new FactorBindings(this, input.Schema, isTraining: true));

    void ICanSaveModel.Save(ModelSaveContext ctx) => MLNetInternals.Save(ctx, SavedFactors.Entries(this));

    // ML.NET finds this by name and by its exact return type when it loads a model.
    [SuppressMessage("Performance", "CA1859", Justification = "ML.NET asks for exactly this return type.")]
    [SuppressMessage("CodeQuality", "IDE0051", Justification = "Called through reflection.")]
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        MLNetCompatibility.Check();
        return SavedFactors.Load(env, MLNetInternals.Load(ctx));
    }
}
