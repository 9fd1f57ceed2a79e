using Microsoft.ML.Data;
using Unlearn.MLNet;
using Unlearn.MLNet.Labeling;
using Unlearn.Transforms;
using Unlearn.Transforms.Interop;

namespace Microsoft.ML;

/// <summary>Adds unlearning hardness to ML.NET's catalogs: labels by really unlearning, and their look-up in pipelines.</summary>
public static class UnlearningHardnessCatalog
{
    /// <summary>Labels every row by how hard it is to unlearn from a model that a recipe trains, with the default unlearners and budget.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows that the model is trained on, with the columns <c>Features</c>, <c>Label</c> and <c>RowId</c>.</param>
    /// <param name="recipe">How the model is trained.</param>
    /// <returns>The labels; the columns are those of the overload with all options.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public static Task<IDataView> LabelUnlearningHardnessAsync(this DataOperationsCatalog catalog, IDataView data, ITrainingRecipe recipe) =>
        catalog.LabelUnlearningHardnessAsync(data, new HardnessLabelingOptions { Recipe = recipe });

    /// <summary>Labels every row by how hard it is to unlearn, with all options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows that the model is trained on.</param>
    /// <param name="options">The options.</param>
    /// <param name="progress">Gets a report after every step, and at the end the reason why the trials stopped; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">
    /// Stops between two batches, as <c>mlContext.CancelExecution()</c> does; finished trials stay in the ledger.
    /// </param>
    /// <returns>
    /// The labels, one row for each training row, in the order of the ids. Columns: the row id, in the type that the data had it in; for each
    /// unlearner <c>NAME.Score</c> and <c>NAME.ScoreError</c> (<see cref="float"/>, its standard error), <c>NAME.Hard</c> (<see cref="bool"/>), and
    /// for each outcome <c>NAME.OUTCOME</c> and <c>NAME.OUTCOMEError</c>, for <see cref="Outcome.StepsToForget"/> also the censored share of its
    /// trials, <c>NAME.StepsToForgetCensored</c>; and the first unlearner's score and label once more as <c>HardnessScore</c>,
    /// <c>HardnessScoreError</c> and <c>Hard</c>. NaN where something was not measured. The same in every row: <c>NAME.Seconds</c>, mean seconds of a
    /// trial with its preparation, <c>NAME.Strength</c>, the strength that calibration gave the unlearner, <c>NAME.Exact</c>, and
    /// <c>ResidualMemoryTolerance</c>, the 95 % quantile of the retrained models' own residual memory. With an approximate unlearner,
    /// <c>nothing.ResidualMemory</c> is that of the target itself. With a retrain pool, <c>Retrained.LogitConfidence</c> and
    /// <c>Retrained.LogitConfidenceDeviation</c> are mean and standard deviation of log(p_y / (1 − p_y)) over the retrained models that never saw the
    /// row: audits of erasures need no more. <c>Labeled</c> is <see langword="true"/> in every row, so that a look-up tells rows that have labels
    /// from others.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the ML context was told to stop.</exception>
    public static async Task<IDataView> LabelUnlearningHardnessAsync(
        this DataOperationsCatalog catalog, IDataView data, HardnessLabelingOptions options, IProgress<StudyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        using var stop = new ContextCancellation(MLNetInternals.GetEnvironment(catalog), cancellationToken);
        try
        {
            var labels = await new HardnessLabeler(options).RunAsync(data, progress, stop.Token).ConfigureAwait(false);
            return labels.ToDataView();
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfCancelled();
            throw;
        }
    }

    /// <summary>
    /// Looks up the labels of rows by their ids, with ML.NET's own <c>MapValue</c>. It gives a row that was not labeled 0 and <see langword="false"/>
    /// in every column, <c>Labeled</c> included: keep to rows where that is <see langword="true"/>.
    /// </summary>
    /// <remarks>
    /// Labels exist of the rows that were unlearned, not of new ones: append it with <see cref="TransformerScope.Training"/>, and the look-up is
    /// there for the trainers behind it, but not in the model that scores, <c>chain.GetModelFor(TransformerScope.Scoring)</c>.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labels">
    /// Labels from
    /// <see cref="LabelUnlearningHardnessAsync(DataOperationsCatalog, IDataView, HardnessLabelingOptions, IProgress{StudyProgress}, CancellationToken)"/>.
    /// </param>
    /// <param name="rowIdColumnName">Column of the row ids, in the rows and in the labels.</param>
    /// <param name="columnNames">Columns of the labels to look up; all by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The labels lack a column.</exception>
    public static IEstimator<ITransformer> UnlearningHardnessLabels(
        this TransformsCatalog catalog, IDataView labels, string rowIdColumnName = "RowId", params string[] columnNames)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(columnNames);
        var key = Column(rowIdColumnName);
        if (columnNames.Length == 0)
            columnNames = [.. labels.Schema.Select(column => column.Name).Where(name => name != rowIdColumnName)];
        var chain = new EstimatorChain<ITransformer>();
        foreach (var name in columnNames)
            chain = chain.Append<ITransformer>(catalog.Conversion.MapValue(name, labels, key, Column(name), rowIdColumnName));
        return chain;

        DataViewSchema.Column Column(string name) => labels.Schema.GetColumnOrNull(name)
            ?? throw new ArgumentOutOfRangeException(
                nameof(labels), $"Could not find column '{name}' in the labels: they have {string.Join(", ", labels.Schema.Select(column => column.Name))}.");
    }
}
