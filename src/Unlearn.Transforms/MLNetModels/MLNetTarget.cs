using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using Unlearn.Transforms.MLNetModels;
using Unlearn.Transforms.MLNetModels.Trees;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms;

/// <summary>
/// A trained ML.NET classifier as a target. It is a black box that gives only scores. It supports the factors of tiers T0 and T3, and the neighborhood factors
/// with the features as the embedding.
/// </summary>
public sealed class MLNetTarget : ITarget
{
    private readonly DataViewSchema.Column _feature;

    internal MLNetTarget(
        ITransformer transformer, DataViewSchema inputSchema, string featureColumnName, ScoreColumns score, ScoreKind? scoreKind, string limitation,
        int maximumTextLength = TextFeatures.DefaultLength)
    {
        Transformer = transformer;
        InputSchema = inputSchema;
        (_feature, FeatureCount) = TargetColumns.FindFeature(inputSchema, featureColumnName, nameof(inputSchema),
            inputSchema.GetColumnOrNull(featureColumnName)?.Type is TextDataViewType ? maximumTextLength : null);
        Score = score;
        ScoreKind = scoreKind ?? Guess();
        Limitation = limitation;
    }

    /// <summary>
    /// Makes a target from any trained classifier. A linear model becomes a Torch module with one linear layer, if no step of the pipeline changes
    /// its features. This module gives the same probabilities, and every factor exactly. Trees become a <see cref="TreeEnsembleTarget"/>, and any
    /// other model a black box.
    /// </summary>
    /// <remarks>
    /// The target's features are a column of the data. If the transformer is a pipeline that takes only this column, as it is in the data, then the
    /// target takes rows of <paramref name="inputSchema"/>. Otherwise the target is the pipeline's predictor alone, and it takes rows of the
    /// transformer's output: <c>transformer.Transform(data)</c>. <see cref="TakesTransformedRows"/> tells the two cases apart.
    /// </remarks>
    /// <param name="transformer">The trained model or pipeline. It must not change later, and it is never disposed.</param>
    /// <param name="inputSchema">Schema of the transformer's input, such as the schema of its training data.</param>
    /// <param name="featureColumnName">
    /// Column of the features: a known-size vector of <see cref="float"/>, or text. Of a model of texts, words in common make rows neighbors.
    /// </param>
    /// <param name="labelColumnName">Column of the label. If the column exists, its classes must equal the classes of the scores, in the same order.</param>
    /// <param name="scoreColumnName">Column of the scores: one number per class, or a binary model's single number.</param>
    /// <param name="probabilityColumnName">
    /// Column of a binary model's probability of the positive class. If the column exists, it is used instead of the score.
    /// </param>
    /// <param name="scoreKind">
    /// What the scores are. By default a vector counts as <see cref="ScoreKind.Probabilities"/> if for a few made-up rows no number is negative and
    /// each row sums to 1, else as <see cref="ScoreKind.Logits"/>; a single number counts as a probability if it comes from the probability column,
    /// else as a logit.
    /// </param>
    /// <param name="maximumTextLength">Largest number of characters of a row where the features are text, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type, or the classes of scores and label differ.</exception>
    /// <exception cref="ArgumentException">The scores depend on more than the features.</exception>
    public static ITarget FromTransformer(
        ITransformer transformer, DataViewSchema inputSchema, string featureColumnName = "Features", string labelColumnName = "Label",
        string scoreColumnName = "Score", string probabilityColumnName = "Probability", ScoreKind? scoreKind = null,
        int maximumTextLength = TextFeatures.DefaultLength)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumTextLength, 1);
        ArgumentNullException.ThrowIfNull(inputSchema);
        ArgumentException.ThrowIfNullOrEmpty(featureColumnName);
        TorchRuntime.EnsureAvailable();
        var pipeline = new PredictorPipeline(transformer);
        var outputSchema = transformer.GetOutputSchema(inputSchema);
        var score = ScoreColumns.Find(outputSchema, scoreColumnName, scoreKind == ScoreKind.Logits ? null : probabilityColumnName, nameof(transformer));
        if (!NeedsTransformedRows(pipeline, inputSchema, featureColumnName, score.Name))
            return Create(pipeline, inputSchema);
        var predictorSchema = pipeline.PredictorSchema(inputSchema);
        return Create(new(pipeline.FromPredictor), predictorSchema);

        ITarget Create(PredictorPipeline steps, DataViewSchema schema)
        {
            if (schema.GetColumnOrNull(labelColumnName) is { } label)
                score.CheckClasses(outputSchema[score.Name], label, nameof(inputSchema));
            var names = ClassOrder.Usable(score.NamesOfClasses(outputSchema, labelColumnName), score.ClassCount);
            var shown = steps.Predictor is { } predictor
                ? LinearModel.ToTarget(predictor.Model) ?? (ITarget?)TreeModelReader.TryRead(steps.FromPredictor)
                : null;
            var blackBox = new MLNetTarget(steps.Whole, schema, featureColumnName, score, scoreKind, Explain(steps, shown), maximumTextLength)
            {
                ClassNames = names,
            };
            if (shown is not null
                && !blackBox.TakesText
                && shown.FeatureCount == blackBox.FeatureCount
                && steps.LeavesFeaturesAlone(schema, blackBox._feature, blackBox.FeatureCount)
                && Agree(shown, blackBox))
                return NamedTarget.Of(shown, names);
            shown?.Dispose();
            return blackBox;
        }
    }

    /// <summary>Whether the target from <see cref="FromTransformer"/> takes rows of the transformer's output instead of rows of its input.</summary>
    /// <param name="transformer">The trained model or pipeline.</param>
    /// <param name="inputSchema">Schema of the transformer's input.</param>
    /// <param name="featureColumnName">Column of the features.</param>
    /// <param name="scoreColumnName">Column of the scores.</param>
    /// <exception cref="ArgumentException">The scores depend on more than the features, even for the pipeline's predictor alone.</exception>
    public static bool TakesTransformedRows(
        ITransformer transformer, DataViewSchema inputSchema, string featureColumnName = "Features", string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(inputSchema);
        return NeedsTransformedRows(new PredictorPipeline(transformer), inputSchema, featureColumnName, scoreColumnName);
    }

    /// <summary>The model.</summary>
    public ITransformer Transformer { get; }

    /// <summary>Name of the column of the features.</summary>
    public string FeatureColumnName => _feature.Name;

    /// <inheritdoc/>
    public bool TakesText => _feature.Type is TextDataViewType;

    /// <summary>Name of the column that the answers are read from.</summary>
    public string ScoreColumnName => Score.Name;

    /// <summary>What the numbers in it are.</summary>
    public ScoreKind ScoreKind { get; }

    /// <inheritdoc/>
    public int ClassCount => Score.ClassCount;

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames { get; internal set; }

    /// <inheritdoc/>
    public int FeatureCount { get; }

    /// <inheritdoc/>
    public TargetCapabilities Capabilities => TargetCapabilities.Logits;

    /// <inheritdoc/>
    public string Limitation { get; }

    /// <summary>
    /// Logits or log-probabilities; see <see cref="ITarget.Logits"/>. A probability of exactly 0 counts as 10⁻³⁰; what a binary model's rounded
    /// probability of 1 leaves for the negative class counts as 2⁻²⁵.
    /// </summary>
    /// <inheritdoc/>
    public torch.Tensor Logits(torch.Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        using var scope = torch.NewDisposeScope();
        if (features.shape is [0, var width] && width == FeatureCount)
            return torch.zeros(0, ClassCount).MoveToOuterDisposeScope();
        var scores = torch.tensor(Scores(Values(features)), [features.shape[0], Score.Width]);
        try
        {
            return ScoreConversion.ToLogits(scores, ScoreKind).MoveToOuterDisposeScope();
        }
        catch (ArgumentOutOfRangeException cause)
        {
            throw new InvalidOperationException(
                $"Column '{Score.Name}' was taken for probabilities, but has values outside [0, 1]: say what it holds by the argument scoreKind.", cause);
        }
    }

    /// <summary>The features themselves, and of texts their <see cref="TextFeatures.Bag"/>; see <see cref="ITarget.Embed"/>.</summary>
    /// <inheritdoc/>
    public torch.Tensor Embed(torch.Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (TakesText)
            return TextBags.Of(Values(features), FeatureCount);
        using var scope = torch.NewDisposeScope();
        return features.detach().cpu().clone().MoveToOuterDisposeScope();
    }

    /// <summary>The same model: nothing changes it, so it is shared.</summary>
    public ITarget Clone() =>
        new MLNetTarget(Transformer, InputSchema, FeatureColumnName, Score, ScoreKind, Limitation, FeatureCount) { ClassNames = ClassNames };

    /// <summary>Does nothing: the transformer stays the caller's. A model that was loaded with saved factors is disposed.</summary>
    public void Dispose()
    {
        if (OwnsTransformer)
            (Transformer as IDisposable)?.Dispose();
    }

    /// <summary>Whether this target alone holds the transformer. Its clones share the transformer and never own it.</summary>
    internal bool OwnsTransformer { get; init; }

    internal DataViewSchema InputSchema { get; }

    internal ScoreColumns Score { get; }

    private float[] Scores(float[] features) =>
        Score.Read(Transformer.GetRowToRowMapper(InputSchema), TakesText
            ? ColumnDataView.OfTexts(InputSchema, _feature, features, FeatureCount)
            : ColumnDataView.OfVectors(InputSchema, _feature, features, FeatureCount));

    private float[] Values(torch.Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (features.shape is not [_, var width] || width != FeatureCount)
            throw new ArgumentException(
                $"The model takes rows of {FeatureCount} features, but the shape is [{string.Join(", ", features.shape)}].", nameof(features));
        return features.detach().cpu().to(torch.float32).contiguous().data<float>().ToArray();
    }

    private ScoreKind Guess()
    {
        if (Score.Width == 1)
            return Score.IsProbability ? ScoreKind.Probabilities : ScoreKind.Logits;
        using var scope = torch.NewDisposeScope();
        var probes = TakesText ? ProbeRows.OfTexts(FeatureCount) : ProbeRows.Create(FeatureCount);
        return ScoreConversion.CouldBeProbabilities(torch.tensor(Scores(probes), [ProbeRows.Count, Score.Width]))
            ? ScoreKind.Probabilities
            : ScoreKind.Logits;
    }

    private static bool Agree(ITarget shown, MLNetTarget blackBox)
    {
        using var scope = torch.NewDisposeScope();
        var rows = torch.tensor(ProbeRows.Create(blackBox.FeatureCount), [ProbeRows.Count, blackBox.FeatureCount]);
        return shown.ClassCount == blackBox.ClassCount
            && (shown.Logits(rows).softmax(1) - blackBox.Logits(rows).softmax(1)).abs().max().item<float>() < ScoreConversion.Tolerance;
    }

    private static bool NeedsTransformedRows(PredictorPipeline pipeline, DataViewSchema inputSchema, string featureColumnName, string scoreColumnName)
    {
        if (inputSchema.GetColumnOrNull(featureColumnName) is { } feature && pipeline.DependsOnlyOn(inputSchema, scoreColumnName, feature))
            return false;
        return pipeline.Predictor is { } predictor && predictor.FeatureColumnName == featureColumnName
            ? true
            : throw new ArgumentException(
                $"Score column '{scoreColumnName}' does not depend on column '{featureColumnName}' "
                + $"alone{(pipeline.Predictor is { } other ? $", and the pipeline's predictor takes column '{other.FeatureColumnName}'" : "")}: "
                + "name the one column that holds all features, or make one with Concatenate.",
                nameof(featureColumnName));
    }

    private static string Explain(PredictorPipeline pipeline, ITarget? shown) => shown is not null
        ? $"the model is {(shown is TreeEnsembleTarget ? "of trees" : "linear")}, but steps of its pipeline change the features before it, "
        + "which makes a black box of the whole: transform the rows by those steps first, and make the target of the last step alone"
        : $"of {(pipeline.Predictor is { } predictor ? predictor.Model.GetType().Name.Split('`')[0] : "this transformer")} only the scores can be seen: "
        + "use a linear model of ML.NET or a Torch module for such factors";
}
