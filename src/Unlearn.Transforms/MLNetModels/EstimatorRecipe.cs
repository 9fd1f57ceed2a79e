using Microsoft.ML;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.MLNetModels;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Transforms;

/// <summary>How to train a target by any estimator of ML.NET: a trainer, or a pipeline that ends with one.</summary>
/// <remarks>
/// The estimator is fitted to the columns <c>RowId</c> (text), <c>Features</c> (vector of <see cref="float"/>, or text) and <c>Label</c>. The label
/// is a key with the class numbers from 0 as values, or a <see cref="bool"/> if there are two classes and the estimator takes one. Some ML.NET trainers use
/// several threads that interfere with each other, so a second training gives another model: set their option <c>NumberOfThreads</c> to 1.
/// <see cref="MLNetTarget.FromTransformer"/> turns the fitted model into the target.
/// </remarks>
/// <param name="Name">
/// Name of the pipeline, with all of its options and a version. It identifies the pipeline in trials. Change it whenever
/// <paramref name="CreateEstimator"/> changes.
/// </param>
/// <param name="CreateEstimator">
/// Creates the untrained estimator from a context that is seeded for this training. It is called from several threads at once.
/// </param>
public sealed record EstimatorRecipe(string Name, Func<MLContext, IEstimator<ITransformer>> CreateEstimator) : ITrainingRecipe
{
    private const string Features = "Features";
    private const string Label = "Label";

    /// <inheritdoc/>
    public string Specification => $"ml.net/1 {Name}";

    /// <summary>Trains a target; see <see cref="ITrainingRecipe.Train"/>. Progress is not reported: trainers of ML.NET do not say how far they are.</summary>
    /// <exception cref="InvalidOperationException">The estimator does not take the rows, or what it gives has another number of classes.</exception>
    /// <inheritdoc cref="ITrainingRecipe.Train"/>
    public ITarget Train(
        TrainingRows rows,
        ReadOnlyMemory<int> positions,
        long seed,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (string.IsNullOrWhiteSpace(Name))
            throw new ArgumentException($"{nameof(Name)} is empty: it stands for the pipeline in the identity of trials.");
        rows.CheckPositions(positions.Span);
        cancellationToken.ThrowIfCancellationRequested();
        var context = new MLContext((int)(Seed.Derive(seed, "ml-context") & int.MaxValue));
        var estimator = CreateEstimator(context);
        var data = View(context, estimator, rows, positions);
        var transformer = EstimatorTraining.Run(context, $"'{Name}'", () => estimator.Fit(data), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var target = MLNetTarget.FromTransformer(transformer, data.Schema, Features, Label, maximumTextLength: rows.FeatureCount);
        if (target.ClassCount == rows.ClassCount && target.FeatureCount == rows.FeatureCount)
            return NamedTarget.Of(target, rows.ClassNames);
        target.Dispose();
        throw new InvalidOperationException($"Estimator '{Name}' gives scores of {target.ClassCount} classes from {target.FeatureCount} features, "
            + $"but the rows have {rows.ClassCount} classes and {rows.FeatureCount} features.");
    }

    private IDataView View(MLContext context, IEstimator<ITransformer> estimator, TrainingRows rows, ReadOnlyMemory<int> positions)
    {
        var withKeys = TrainingView.WithKeys(context, rows, positions);
        if (rows.ClassCount == 2)
        {
            var withBooleans = TrainingView.WithBooleans(context, rows, positions);
            if (Refusal(estimator, withBooleans) is null)
                return withBooleans;
        }
        return Refusal(estimator, withKeys) is { } refusal
            ? throw new InvalidOperationException($"Estimator '{Name}' does not take the rows, whose columns are RowId, "
                + $"{Features} and {Label} ({rows.ClassCount} classes): {refusal.Message}", refusal)
            : withKeys;
    }

    private static Exception? Refusal(IEstimator<ITransformer> estimator, IDataView data)
    {
        try
        {
            estimator.GetOutputSchema(FactorSchema.ShapeOf(data.Schema));
            return null;
        }
        catch (Exception refusal) when (refusal is ArgumentException or InvalidOperationException)
        {
            return refusal;
        }
    }
}
