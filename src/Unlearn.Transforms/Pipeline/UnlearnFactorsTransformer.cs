using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.Pipeline.DataViews;
using Unlearn.Transforms.Pipeline.Persistence;

[assembly: LoadableClass(typeof(ITransformer), typeof(Unlearn.Transforms.UnlearnFactorsTransformer), null, typeof(SignatureLoadModel), "Unlearning hardness factors", MLNetInternals.LoaderSignature)]

namespace Unlearn.Transforms;

/// <summary>
/// Adds the hardness factors of a fitted target to any rows. It owns its copy of the target, keeps nothing open, and may be used by several
/// threads and prediction engines at once.
/// </summary>
public sealed class UnlearnFactorsTransformer : ITransformer, ITransformerWithDifferentMappingAtTrainingTime
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
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new FactorBindings(Fitted, inputSchema).OutputSchema;
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new FactorDataView(_host, input, new FactorBindings(Fitted, input.Schema));
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new FactorRowMapper(new FactorBindings(Fitted, inputSchema));
    }

    // ML.NET's chains call this, once, to train the components after this one.
    IDataView ITransformerWithDifferentMappingAtTrainingTime.TransformForTrainingPipeline(IDataView input) =>
        new FactorDataView(_host, input, new FactorBindings(Fitted, input.Schema, isTraining: true));

    void ICanSaveModel.Save(ModelSaveContext ctx) => MLNetInternals.Save(ctx, SavedFactors.Entries(Fitted));

    // ML.NET finds this by name and by its exact return type when it loads a model.
    [SuppressMessage("Performance", "CA1859", Justification = "ML.NET asks for exactly this return type.")]
    [SuppressMessage("CodeQuality", "IDE0051", Justification = "Called through reflection.")]
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        MLNetCompatibility.Check();
        return new UnlearnFactorsTransformer(env, SavedFactors.Load(env, MLNetInternals.Load(ctx)));
    }
}
