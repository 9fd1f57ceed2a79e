using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Unlearn.MLNet;
using Unlearn.MLNet.Hardness.Prediction;
using Unlearn.Transforms.Interop;

[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: LoadableClass(typeof(ITransformer), typeof(UnlearningHardnessTransformer), null,
    typeof(SignatureLoadModel), "Unlearning hardness", FittedHardness.LoaderSignature)]

namespace Unlearn.MLNet;

/// <summary>
/// Predicts of any row how hard it is to unlearn, from its factors alone: labels are not needed, nor row ids. Several threads and prediction engines may use
/// it at once.
/// <see cref="UnlearningHardnessEstimator"/> lists the columns that it adds.
/// </summary>
public sealed class UnlearningHardnessTransformer : ITransformer
{
    private readonly IHost _host;
    private readonly FittedHardness _fitted;

    internal UnlearningHardnessTransformer(IHostEnvironment environment, FittedHardness fitted) =>
        (_host, _fitted) = (environment.Register(nameof(UnlearningHardnessTransformer)), fitted);

    /// <summary>All methods that may be recommended, the cheapest first; the last one is exact.</summary>
    public IReadOnlyList<string> Methods =>
        [.. _fitted.Methods.Where(method => method.Seconds < _fitted.Exact.Seconds).Select(method => method.Name), _fitted.Exact.Name];

    /// <summary>Largest residual memory that is accepted, in standard deviations of retraining.</summary>
    public double Tolerance => _fitted.Tolerance;

    /// <summary>Probability, 1 − α, with which a row's residual memory is within its bound.</summary>
    public double Confidence => _fitted.Confidence;

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    internal FittedHardness Fitted => _fitted;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The column of the factors is missing, or holds others than the model was trained on.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The column of the factors is missing, or holds others than the model was trained on.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new HardnessDataView(input, Bind(input.Schema), () => MLNetInternals.CheckAlive(_host));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The column of the factors is missing, or holds others than the model was trained on.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => MLNetInternals.Save(ctx, FittedHardness.Kind, SavedHardness.Entries(_fitted));

    private HardnessBindings Bind(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new(_fitted, inputSchema);
    }

    // ML.NET finds this by name and by its exact return type when it loads a model.
    [SuppressMessage("Performance", "CA1859", Justification = "ML.NET asks for exactly this return type.")]
    [SuppressMessage("CodeQuality", "IDE0051", Justification = "Called through reflection.")]
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        MLNetCompatibility.Check();
        return new UnlearningHardnessTransformer(env, SavedHardness.Load(env, MLNetInternals.Load(ctx, FittedHardness.Kind)));
    }
}
