using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Factors.Neighborhood;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.Pipeline.DataViews;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms;

/// <summary>
/// Learns what hardness factors need from the training rows of a target. Its transformer adds one column for each factor and a vector column of all factors.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Estimator characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | If a factor learns: 1 pass in memory for each statistic, 2 for `SelfInfluence` |
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

        /// <summary>
        /// Column of the target's features: a known-size vector of <see cref="float"/>, or text where the target takes texts. Default <c>Features</c>.
        /// </summary>
        public string FeatureColumnName = "Features";

        /// <summary>Column of the label that the target was trained on, a key or a <see cref="bool"/>. Default <c>Label</c>.</summary>
        public string LabelColumnName = "Label";

        /// <summary>
        /// Column of the row ids, text or integers. Default <c>RowId</c>, which may be missing; a column of any other name must exist. Factors of the
        /// tiers T2 and T3 need it. Neighborhood factors use it to leave a training row out of its own neighbors. Without the column, they recognize
        /// training rows by their features.
        /// </summary>
        public string RowIdColumnName = DefaultRowId;

        /// <summary>Prefix of each factor's column name. Default empty.</summary>
        public string FactorColumnPrefix = "";

        /// <summary>The trained target. It is copied; the caller still owns it.</summary>
        public ITarget? Target;

        /// <summary>
        /// The factors, in the order of the vector's slots. Default: the factors of <see cref="HardnessFactors.Default"/> that the target can give.
        /// </summary>
        public IReadOnlyList<IHardnessFactor>? Factors;

        /// <summary>Rows that are computed at once, from 1 to 1,048,576. Default 256.</summary>
        public int BatchSize = 256;

        /// <summary>
        /// Number of folds for out-of-fold factors, from 2. In a pipeline's <c>Fit</c>, later components then see factors that come from
        /// statistics (curvature, neighbors, centroids) learned without the row's fold. Each fold costs one more fit. Default 0: one fit on all rows.
        /// </summary>
        public int CrossFitFolds;

        /// <summary>
        /// Whether undefined factor values, for example of a factor that needs the label of a row without one, stay NaN. FastTree and FastForest skip
        /// such rows in training. Default <see langword="false"/>: they become 0, so that every trainer can use the row.
        /// </summary>
        public bool KeepUndefined;

        /// <summary>How factors that depend on the label treat a row without a label. Default <see cref="UnknownLabelHandling.Predicted"/>.</summary>
        public UnknownLabelHandling UnknownLabels = UnknownLabelHandling.Predicted;

        /// <summary>Trace recorded during the target's training, for factors of tier T2. Default: the trace that the target itself carries.</summary>
        public TrainingTrace? Trace;

        /// <summary>Predictions of reference models, trained on random subsets of the rows, for factors of tier T3. Default: none.</summary>
        public ReferenceModels? References;

        /// <summary>
        /// Seed of the labels that are drawn to estimate the curvature. Default: drawn from the ML context where that has a seed, else derived from the
        /// rows, so that the same rows give the same factors.
        /// </summary>
        public int? Seed;

        /// <summary>
        /// Folder in which <see cref="Fit"/> keeps the features of the training rows while it runs, rows × features × 4 bytes, twice that for a while: for
        /// rows that memory cannot hold. The φ of each row, which neighborhood factors need, is there until the transformer is disposed; a larger
        /// <see cref="BatchSize"/> reads it less often. Results are the same. Default <see langword="null"/>: in memory, once.
        /// </summary>
        public string? StoreFolder;

        /// <summary>
        /// Number of training rows, from 1, from which neighborhood factors find neighbors by an HNSW index instead of comparing all rows: below some
        /// 100,000 rows it saves nothing. Some neighbors are then missed, and of near-duplicates at most 4,096 are counted. It needs
        /// <c>HnswNeighbors.Register()</c> of the package Unlearn.USearch, also where a saved model is loaded. The index is built when it is first
        /// searched, in memory: dimensions of φ × 2 bytes and some 230 bytes a row. Leaves of trees are always compared. Default
        /// <see langword="null"/>: neighbors are exact.
        /// </summary>
        public int? ApproximateNeighborsFrom;

        /// <summary>Stops <see cref="Fit"/> between two batches.</summary>
        public CancellationToken CancellationToken;

        internal Options Copy() => (Options)MemberwiseClone();
    }

    private const string DefaultRowId = "RowId";

    private readonly IHost _host;
    private readonly Options _options;
    private readonly IReadOnlyList<IHardnessFactor> _factors;

    internal UnlearnFactorsEstimator(IHostEnvironment environment, Options options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        _host = environment.Register(nameof(UnlearnFactorsEstimator));
        if (options.Target is null)
            throw new ArgumentException("Must be set: the trained target whose rows are to be audited.", nameof(options.Target));
        if (options.BatchSize is < 1 or > FactorColumns.LargestBatch)
            throw new ArgumentOutOfRangeException(
                nameof(options.BatchSize), options.BatchSize, Invariant($"Must be from 1 to {FactorColumns.LargestBatch}"));
        if (options.CrossFitFolds is < 0 or 1)
            throw new ArgumentOutOfRangeException(nameof(options.CrossFitFolds), options.CrossFitFolds, "Must be 0 for none, or at least 2");
        if (options.ApproximateNeighborsFrom is { } from)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(from, 1, nameof(options.ApproximateNeighborsFrom));
            _ = ApproximateNeighbors.Registered;
        }
        _factors = options.Factors ?? HardnessFactors.DefaultFor(options.Target);
        if (_factors.Count == 0)
            throw new ArgumentException("Must name at least one factor.", nameof(options.Factors));
        FeatureFile.CheckFolder(options.StoreFolder, nameof(options.StoreFolder));
        if (_factors.Any(factor => factor is null))
            throw new ArgumentException("Has a factor that is null: leave it out.", nameof(options.Factors));
        if (!Enum.IsDefined(options.UnknownLabels))
            throw new ArgumentOutOfRangeException(nameof(options.UnknownLabels), options.UnknownLabels,
                $"Must be one of {string.Join(", ", Enum.GetNames<UnknownLabelHandling>())}");
        if (_factors.GroupBy(factor => factor.Name).FirstOrDefault(group => group.Count() > 1) is { } repeated)
            throw new ArgumentException($"Names factor '{repeated.Key}' more than once.", nameof(options.Factors));
        foreach (var factor in _factors)
            Check(factor, options);
        ClassOrder.Check(options.Target.ClassNames, options.Target.ClassCount, nameof(options.Target));
        _options = options.Copy();
    }

    /// <summary>Learns what the factors need from the target's training rows. Where no factor learns anything, no row is read.</summary>
    /// <param name="input">The training rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are fewer than 2 rows, a row id is repeated, a label is missing or out of range, a row has another number of features than the column, a
    /// feature is NaN or infinite, no token of the target's vocabulary, or so large that a factor cannot be computed, or the trace or the reference models
    /// that a factor needs do not know a row, or know it with another label.
    /// </exception>
    /// <exception cref="NotSupportedException">A factor cannot be computed for a layer of the target.</exception>
    public UnlearnFactorsTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var target = _options.Target!;
        TargetColumns.Check(FactorSchema.ShapeOf(input.Schema), _options.FeatureColumnName, _options.LabelColumnName, RequiredRowId, target.TakesText);
        var columns = TargetColumns.Find(input.Schema, (_options.FeatureColumnName, _options.LabelColumnName, _options.RowIdColumnName),
            (target.FeatureCount, target.ClassCount, target.TakesText), target.ClassNames, "inputSchema") with
        {
            FindFlaw = target is TorchTarget torchTarget ? torchTarget.Architecture.FindFlaw : null,
        };
        using var channel = _host.Start("Fit");
        if (!_factors.Any(factor => factor.Statistic is not null || factor.Tier >= FactorTier.T2))
            return Transformer(FactorModel.Fit(target.Clone(), _factors, new FactorRows([], [], null), null, null, _options.UnknownLabels, _options.BatchSize,
                seed: 0, CheckAlive, MLNetInternals.WarningsOf(_host)), null);
        using var read = IFeatureSource.Create(_options.StoreFolder, target.FeatureCount);
        var (labels, ids) = RowReader.ReadAll(input, columns, read, CheckAlive);
        if (labels.Length < 2)
            throw new InvalidOperationException($"The hardness factors need at least 2 training rows, but the data has {labels.Length}.");
        if (columns.RowId is { } rowId && RowReader.FindRepeated(ids) is { } repeated)
            throw new InvalidOperationException(
                $"Row id column '{rowId.Name}' has '{repeated.Id}' in {repeated.Count} rows: every row that factors are fitted on needs an id of its own.");
        if (Needs(FactorTier.T2))
            CheckSameRows("trace", TraceOf(_options)!.RowIds, TraceOf(_options)!.Labels, TraceOf(_options)!.ClassNames);
        if (Needs(FactorTier.T3))
            CheckSameRows("reference models", _options.References!.RowIds, _options.References.Labels, _options.References.ClassNames);
        channel.Info(MessageSensitivity.None, $"Fitting {_factors.Count} hardness factors on {labels.Length} rows");

        using var scope = torch.NewDisposeScope();
        var keys = columns.RowId is null ? null : Array.ConvertAll(ids, RowKey.OfId);
        var order = FactorTable.KeyOrder(read, keys);
        using var features = read.InOrder(order);
        var rows = new FactorTable(features, [.. order.Select(row => labels[row])], keys is null ? null : [.. order.Select(row => keys[row])]);
        var owned = target.Clone();
        long seed = _options.Seed ?? (MLNetInternals.HasSeed(_host) ? _host.Rand.Next() : SeedOf(rows));
        var model = Learn(rows);
        var crossFitted = _options.CrossFitFolds == 0 ? null : CrossFittedModel.Fit(_options.CrossFitFolds, rows, Learn);
        return Transformer(model, crossFitted);

        UnlearnFactorsTransformer Transformer(FactorModel learned, CrossFittedModel? byFold) =>
            new(_host, new(learned, new(_options.OutputColumnName, _options.FeatureColumnName, _options.LabelColumnName,
                columns.RowId?.Name, _options.FactorColumnPrefix, _options.BatchSize, _options.KeepUndefined
                    ? MissingFactorHandling.NaN
                    : MissingFactorHandling.Fill, _options.UnknownLabels), byFold) { ClassNames = columns.ClassNames });

        FactorModel Learn(FactorTable from) =>
            FactorModel.Fit(owned, _factors, from, TraceOf(_options), _options.References, _options.UnknownLabels, _options.BatchSize, seed, CheckAlive,
                MLNetInternals.WarningsOf(_host), _options.ApproximateNeighborsFrom);

        void CheckSameRows(string what, IReadOnlyList<string> knownIds, IReadOnlyList<int> knownLabels, IReadOnlyList<string>? knownNames)
        {
            var numbers = ClassOrder.Map(knownNames, columns.ClassNames);
            CheckKnown(what, knownIds, numbers is null ? knownLabels : [.. knownLabels.Select(label => numbers[label])], ids, labels);
        }

        void CheckAlive()
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            MLNetInternals.CheckAlive(_host);
        }
    }

    /// <summary>The output schema of the transformer that <see cref="Fit"/> returns.</summary>
    /// <param name="inputSchema">The schema of the input.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TargetColumns.Check(inputSchema, _options.FeatureColumnName, _options.LabelColumnName, RequiredRowId, _options.Target!.TakesText);
        return FactorSchema.Extend(inputSchema, _options.OutputColumnName, [.. _factors.Select(factor => _options.FactorColumnPrefix + factor.Name)]);
    }

    private static long SeedOf(FactorTable rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var row = 0; row < rows.Count; row++)
            hash.AppendData(MemoryMarshal.AsBytes(rows.Slice(row, row + 1).Features.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(rows.Labels));
        return BinaryPrimitives.ReadInt64LittleEndian(hash.GetHashAndReset()) & long.MaxValue;
    }

    private string? RequiredRowId =>
        Needs(FactorTier.T2) || Needs(FactorTier.T3) || _options.RowIdColumnName is not (null or "" or DefaultRowId) ? _options.RowIdColumnName : null;

    private bool Needs(FactorTier tier) => _factors.Any(factor => factor.Tier == tier);

    private static TrainingTrace? TraceOf(Options options) => options.Trace ?? (options.Target as TorchTarget)?.Trace;

    private static void Check(IHardnessFactor factor, Options options)
    {
        if ((factor.Requires & ~options.Target!.Capabilities) is var missing && missing != 0)
            throw new ArgumentException(
                $"Factor '{factor.Name}' needs {missing}, which a {options.Target.GetType().Name} cannot "
                + $"give{(options.Target.Limitation is { } why ? $", since {why}" : "")}. Leave the factor out, or choose among {Possible(options.Target)}.",
                nameof(options.Factors));
        if (factor.Tier == FactorTier.T2 && TraceOf(options) is null)
            throw new ArgumentException(
                $"Factor '{factor.Name}' needs the trace that {nameof(TorchRecipe)} records while it trains, but the target was trained elsewhere: "
                + $"train it by a {nameof(TorchRecipe)}, set {nameof(Options)}.{nameof(Options.Trace)}, or leave it out.", nameof(options.Factors));
        if (factor.NeedsGradientTrace && TraceOf(options) is not { GradientCheckpoints: > 0 })
            throw new ArgumentException($"Factor '{factor.Name}' needs the gradients of every row while the target trained, but its trace has none: "
                + $"train it by {nameof(TorchRecipe)}.{nameof(TorchRecipe.TrainWithGradientTrace)}, or leave the factor out.", nameof(options.Factors));
        if (factor.Tier == FactorTier.T3 && options.References is null)
            throw new ArgumentException($"Factor '{factor.Name}' needs reference models: set {nameof(Options)}.{nameof(Options.References)} to those of "
                + $"{nameof(ReferenceModels)}.{nameof(ReferenceModels.Train)} with the target's recipe and rows, or leave it out.", nameof(options.Factors));
    }

    private static void CheckKnown(string what, IReadOnlyList<string> knownIds, IReadOnlyList<int> knownLabels, string[] ids, long[] labels)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var row = 0; row < knownIds.Count; row++)
            known[knownIds[row]] = knownLabels[row];
        for (var row = 0; row < ids.Length; row++)
        {
            if (!known.TryGetValue(ids[row], out var label))
                throw new InvalidOperationException(
                    $"Row '{ids[row]}' is not among the {known.Count} rows of the {what} (as {ids.Count(id => !known.ContainsKey(id))} of the {ids.Length} "
                    + "rows are not): fit on the rows that the target was trained on, with the ids they had then.");
            if (label != labels[row])
                throw new InvalidOperationException(
                    $"Row '{ids[row]}' has label {labels[row]}, but {label} in the {what}: they are of other data, or the data has changed since.");
        }
    }

    private static string Possible(ITarget target) =>
        string.Join(", ", HardnessFactors.DefaultFor(target).Select(factor => factor.Name));
}
