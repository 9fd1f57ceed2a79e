using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.Targets;

namespace Unlearn.Transforms;

/// <summary>
/// Learns, from the training rows of a target, what its hardness factors need, and adds per row one column for each factor and a vector of all.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Estimator characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes: 2 passes in memory for `SelfInfluence` |
/// | Input column data types | features: known-size vector of `Single`; label: key or `Boolean` |
/// | Output column data types | one `Single` per factor, and a vector of `Single` with slot names |
/// | Exportable to ONNX | No |
///
/// Only the columns that a consumer asks for are computed. Several passes over the output compute it several times:
/// append a cache checkpoint before a trainer that reads its input more than once.
/// ]]></format>
/// </remarks>
public sealed class UnlearnFactorsEstimator : IEstimator<UnlearnFactorsTransformer>
{
    /// <summary>Options of <see cref="UnlearnFactorsEstimator"/>.</summary>
    public sealed class Options
    {
        /// <summary>Name of the vector column of all factors. Default <c>UnlearnFactors</c>.</summary>
        public string OutputColumnName = "UnlearnFactors";

        /// <summary>Column of the target's features, a known-size vector of <see cref="float"/>. Default <c>Features</c>.</summary>
        public string FeatureColumnName = "Features";

        /// <summary>Column of the label that the target was trained on, a key or a <see cref="bool"/>. Default <c>Label</c>.</summary>
        public string LabelColumnName = "Label";

        /// <summary>Put before each factor's name to name its column. Default empty.</summary>
        public string FactorColumnPrefix = "";

        /// <summary>The trained target. It is copied, and stays the caller's.</summary>
        public TorchTarget? Target;

        /// <summary>The factors, in the order of the vector's slots. Default <see cref="HardnessFactors.Default"/>.</summary>
        public IReadOnlyList<IHardnessFactor> Factors = HardnessFactors.Default;

        /// <summary>Rows that are computed at once, from 1. Default 256.</summary>
        public int BatchSize = 256;

        /// <summary>What an undefined factor becomes. Default <see cref="MissingFactorHandling.Fill"/>.</summary>
        public MissingFactorHandling Missing = MissingFactorHandling.Fill;

        /// <summary>Seed of the labels that the curvature draws. Default: from the ML context's own seed.</summary>
        public int? Seed;

        /// <summary>Stops <see cref="Fit"/> between two batches.</summary>
        public CancellationToken CancellationToken;
    }

    private readonly IHost _host;
    private readonly Options _options;

    internal UnlearnFactorsEstimator(IHostEnvironment environment, Options options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        _host = environment.Register(nameof(UnlearnFactorsEstimator));
        if (options.Target is null)
            throw new ArgumentException("Must be set: the trained target whose rows are to be audited.", nameof(options.Target));
        if (options.BatchSize < 1)
            throw new ArgumentOutOfRangeException(nameof(options.BatchSize), options.BatchSize, "Must be positive");
        if (options.Factors is not { Count: > 0 })
            throw new ArgumentException("Must name at least one factor.", nameof(options.Factors));
        if (options.Factors.GroupBy(factor => factor.Name).FirstOrDefault(group => group.Count() > 1) is { } repeated)
            throw new ArgumentException($"Names factor '{repeated.Key}' more than once.", nameof(options.Factors));
        if (options.Factors.FirstOrDefault(factor => (factor.Requires & ~options.Target.Capabilities) != 0) is { } impossible)
            throw new ArgumentException($"Factor '{impossible.Name}' needs {impossible.Requires}, but the target offers only {options.Target.Capabilities}.", nameof(options.Factors));
        _options = options;
    }

    /// <summary>Learns what the factors need from the target's training rows.</summary>
    /// <param name="input">The training rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">There are fewer than 2 rows, a label is missing or out of range, or a feature is NaN or infinite.</exception>
    /// <exception cref="NotSupportedException">A factor cannot be computed for a layer of the target.</exception>
    public UnlearnFactorsTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var target = _options.Target!;
        var columns = TargetColumns.Find(input.Schema, _options.FeatureColumnName, _options.LabelColumnName, target, "inputSchema");
        using var channel = _host.Start("Fit");
        var (features, labels, _) = RowReader.ReadAll(input, columns, rowId: null);
        if (labels.Length < 2)
            throw new InvalidOperationException($"The hardness factors need at least 2 training rows, but the data has {labels.Length}.");
        channel.Info(MessageSensitivity.None, $"Fitting {_options.Factors.Count} hardness factors on {labels.Length} rows");

        using var scope = torch.NewDisposeScope();
        var model = FactorModel.Fit(target.Clone(), _options.Factors,
            torch.tensor(features, [labels.Length, target.FeatureCount]), torch.tensor(labels), _options.BatchSize,
            _options.Seed ?? _host.Rand.Next(), _ =>
            {
                _options.CancellationToken.ThrowIfCancellationRequested();
                _host.CheckAlive();
            });
        return new UnlearnFactorsTransformer(_host, model, new(_options.OutputColumnName, _options.FeatureColumnName, _options.LabelColumnName, _options.FactorColumnPrefix, _options.BatchSize, _options.Missing));
    }

    /// <summary>The schema that <see cref="Fit"/> will deliver.</summary>
    /// <param name="inputSchema">The schema of the input.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TargetColumns.Check(inputSchema, _options.FeatureColumnName, _options.LabelColumnName);
        return FactorSchema.Extend(inputSchema, _options.OutputColumnName, [.. _options.Factors.Select(factor => _options.FactorColumnPrefix + factor.Name)]);
    }
}
