using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.FastTree;
using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Hardness.Prediction;
using Unlearn.MLNet.Labeling;
using Unlearn.Transforms;
using Unlearn.Transforms.Interop;

namespace Unlearn.MLNet;

/// <summary>
/// Learns from labeled rows how hard rows are to unlearn, and which method is enough for each. Its transformer needs a row's factors alone, so it serves rows
/// that were never labeled.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ### Estimator characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes: 1 pass, of which the labeled rows stay in memory |
/// | Input column data types | factors: known-size vector of `Single`; row id and group: text or an integer; features: known-size vector of `Single` |
/// | Output column data types | `HardProbability`, `NAME.PredictedResidualMemory`, `NAME.ResidualMemoryBound`: `Single`; `RecommendedMethod`: text |
/// | Exportable to ONNX | No |
///
/// NAME is each approximate method of the labels, and `nothing`, which leaves the target as it is. A row's residual memory, as it would be labeled, is at
/// most its bound with the probability `Confidence`, if the row is
/// exchangeable with the labeled ones: a row of the same target's training data. The recommended method is the cheapest whose bound is within the tolerance,
/// or else the exact one.
/// A row with a factor that is not finite has a bound of infinity, and the exact method.
/// ]]></format>
/// </remarks>
public sealed class UnlearningHardnessEstimator : IEstimator<UnlearningHardnessTransformer>
{
    /// <summary>Options of <see cref="UnlearningHardnessEstimator"/>.</summary>
    public sealed class Options
    {
        /// <summary>Column of the factors, a known-size vector of <see cref="float"/>. Default <c>UnlearnFactors</c>.</summary>
        public string FactorColumnName = "UnlearnFactors";

        /// <summary>Column of the row ids in the rows and in the labels, text or integers. Default <c>RowId</c>.</summary>
        public string RowIdColumnName = "RowId";

        /// <summary>Column of the labels that tells hard rows, a <see cref="bool"/>. Default <c>Hard</c>.</summary>
        public string LabelColumnName = "Hard";

        /// <summary>
        /// Column of the features that near-duplicates are found by, unless there is a <see cref="GroupColumnName"/>; see <see cref="NearDuplicateGroups"/>.
        /// Default <c>Features</c>.
        /// </summary>
        public string FeatureColumnName = "Features";

        /// <summary>
        /// Column of groups of rows that stay together, text or integers, such as near-duplicates or the rows of a person. Default <see langword="null"/>:
        /// near-duplicates by their features.
        /// Features that are tokens need it, with <see cref="NearDuplicateGroups.Of"/>.
        /// </summary>
        public string? GroupColumnName;

        /// <summary>Probability 1 − α with which a row's residual memory is to be within its bound, in (0, 1). Default 0.9.</summary>
        public double Confidence = 0.9;

        /// <summary>
        /// Largest residual memory that is accepted, from 0. Default: the labels' <c>ResidualMemoryTolerance</c>, the 95 % quantile of the retrained models'
        /// own.
        /// </summary>
        public double? Tolerance;

        /// <summary>Share of the labeled rows that calibrate the bounds, and that the residual memory is not learned from, in (0, 1). Default 0.5.</summary>
        public double CalibrationShare = 0.5;

        /// <summary>Trainer of the probability of being hard. Default: <see cref="HardnessTrainer.FastTree"/>.</summary>
        public HardnessTrainer? Trainer;

        /// <summary>
        /// Makes, from a context and a seed, the regression that learns the column <c>Label</c> (<see cref="float"/>) from the vector <c>Features</c> and
        /// yields <c>Score</c>. Default: FastTree, 120 trees of 8 leaves.
        /// </summary>
        public Func<MLContext, int, IEstimator<ITransformer>>? Regressor;

        /// <summary>Seconds that a method costs, by its name, from 0. Default: the labels' <c>NAME.Seconds</c>, and 0 for doing nothing.</summary>
        public IReadOnlyDictionary<string, double>? Seconds;

        /// <summary>Seed. Default: derived from the seed of the ML context.</summary>
        public int? Seed;

        /// <summary>Stops <see cref="Fit"/>, as <c>mlContext.CancelExecution()</c> does: between two rows, and within the training of a model.</summary>
        public CancellationToken CancellationToken;

        internal Options Copy() => (Options)MemberwiseClone();
    }

    private const int FewestTrainingGroups = 10;

    private readonly IHost _host;
    private readonly IDataView _labels;
    private readonly Options _options;

    internal UnlearningHardnessEstimator(IHostEnvironment environment, IDataView labels, Options options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(options);
        if (!(options.Confidence is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(options.Confidence), options.Confidence, "Must lie between 0 and 1, both excluded");
        if (!(options.CalibrationShare is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(options.CalibrationShare), options.CalibrationShare, "Must lie between 0 and 1, both excluded");
        if (options.Tolerance is { } tolerance && !(tolerance >= 0 && double.IsFinite(tolerance)))
            throw new ArgumentOutOfRangeException(nameof(options.Tolerance), tolerance, "Must be from 0, and finite");
        foreach (var (name, seconds) in options.Seconds ?? new Dictionary<string, double>())
            if (!(seconds >= 0 && double.IsFinite(seconds)))
                throw new ArgumentOutOfRangeException(nameof(options.Seconds), seconds, $"Must be from 0, and finite, for method '{name}'");
        CheckLabels(labels.Schema, options);
        (_host, _labels, _options) = (environment.Register(nameof(UnlearningHardnessEstimator)), labels, options.Copy());
    }

    /// <summary>Learns from those rows that have labels.</summary>
    /// <param name="input">Rows with their factors, labeled ones among them.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// Too few rows are labeled, all are hard or none is, an id is there twice, a factor or a label is not finite, or the labels have no exact method.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was told to stop, by its token or by the ML context.</exception>
    public UnlearningHardnessTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        LabeledRows.Check(FactorSchema.ShapeOf(input.Schema), _options);
        var factorNames = HardnessBindings.NamesOf(HardnessBindings.FindFactors(input.Schema, _options.FactorColumnName, nameof(input)));
        using var channel = _host.Start("Fit");
        using var stop = new ContextCancellation(_host, _options.CancellationToken);
        var labels = LabelTable.Read(_labels, _options);
        var rows = LabeledRows.Read(input, labels.Ids, _options, factorNames, stop.ThrowIfCancelled);
        var seed = _options.Seed ?? _host.Rand.Next();
        var split = GroupSplit.Draw(rows.Groups, _options.CalibrationShare, seed);
        bool[] hard = [.. rows.Places.Select(place => labels.Hard[place])];
        Check(rows, split, hard);
        channel.Info(MessageSensitivity.None, Invariant($"Learning {labels.Methods.Count} methods; tolerance {labels.Tolerance:0.###}"));
        channel.Info(MessageSensitivity.None, $"{split.Training.Length} labeled rows train, {split.Calibration.Length} calibrate the bounds");

        var regressor = _options.Regressor ?? FastTree;
        List<(string, double, MethodModel)> methods = [];
        foreach (var (name, seconds, memory) in labels.Methods)
        {
            float[] known = [.. rows.Places.Select(place => memory[place])];
            var model = MethodModel.Fit(rows.Factors, known, split, regressor, _options.Confidence, SeedOf("residual memory"), stop.Token);
            methods.Add((name, seconds, model));
        }
        int[] all = [.. Enumerable.Range(0, hard.Length)];
        return new(_host, new()
        {
            FactorColumnName = _options.FactorColumnName,
            FactorNames = factorNames,
            Classifier = FactorPredictor.Fit(_options.Trainer ?? HardnessTrainer.FastTree(), rows.Factors, all, hard, SeedOf("hard"), stop.Token),
            Methods = methods,
            Exact = labels.Exact,
            Tolerance = labels.Tolerance,
            Confidence = _options.Confidence,
        });

        int SeedOf(string purpose) => (int)(Seed.Derive(seed, purpose) & int.MaxValue);
    }

    /// <summary>The output schema of the transformer that <see cref="Fit"/> returns.</summary>
    /// <param name="inputSchema">The schema of the input.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        LabeledRows.Check(inputSchema, _options);
        return FactorSchema.Extend(inputSchema, HardnessBindings.Added(LabelTable.ApproximateOf(_labels)));
    }

    private static void CheckLabels(DataViewSchema labels, Options options)
    {
        LabelTable.Find(labels, options.RowIdColumnName, null, "it holds the row ids.");
        LabelTable.Find(labels, options.LabelColumnName, BooleanDataViewType.Instance, "it tells hard rows.");
        var methods = LabelTable.MethodsOf(labels);
        if (methods.Count == 0)
            LabelTable.Find(labels, LabelColumns.ResidualMemory("NAME"), null, "label with an approximate unlearner.");
        foreach (var name in methods)
        {
            LabelTable.Find(labels, LabelColumns.ResidualMemory(name), NumberDataViewType.Single, "");
            if (name != HardnessScorer.Nothing && options.Seconds?.ContainsKey(name) != true)
                LabelTable.Find(labels, LabelColumns.Seconds(name), NumberDataViewType.Single, $"or else set {nameof(options.Seconds)}.");
        }
        if (options.Tolerance is null)
            LabelTable.Find(labels, LabelColumns.Tolerance, NumberDataViewType.Single, $"or else set {nameof(options.Tolerance)}.");
    }

    private void Check(LabeledRows rows, GroupSplit split, bool[] hard)
    {
        var fewest = ConformalBound.FewestRows(_options.Confidence);
        if (split.Calibration.Length < fewest)
            throw new InvalidOperationException(
                Invariant($"{split.Calibration.Length} of {hard.Length} labeled rows are left to calibrate on, ")
                + Invariant($"but a confidence of {_options.Confidence} takes {fewest}: ")
                + "label more rows, or ask for a larger calibration share, a lower confidence or smaller groups.");
        if (split.Training.Select(row => rows.Groups[row]).Distinct().Count() is var groups && groups < FewestTrainingGroups)
            throw new InvalidOperationException(
                $"{split.Training.Length} of {hard.Length} labeled rows, in {groups} groups, are left to train on, "
                    + $"fewer than {FewestTrainingGroups} groups: label more rows, or ask for a smaller calibration share.");
        LabeledRows.Check(hard, _options);
    }

    private static IEstimator<ITransformer> FastTree(MLContext context, int seed) => context.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options
    {
        NumberOfTrees = 120,
        NumberOfLeaves = 8,
        LearningRate = 0.05,
        MinimumExampleCountPerLeaf = 20,
        NumberOfThreads = 1,
        Seed = seed,
        FeatureSelectionSeed = seed,
        FeatureFlocks = false,
    });
}
