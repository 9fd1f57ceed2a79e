using Microsoft.ML.Data;
using Unlearn.MLNet;
using Unlearn.MLNet.Labeling;
using Unlearn.Transforms;

namespace Microsoft.ML;

/// <summary>Adds unlearning hardness to ML.NET's catalogs: labels by really unlearning, and their look-up in pipelines.</summary>
public static class UnlearningHardnessCatalog
{
    /// <summary>Labels every row by how hard it is to unlearn from a model that a recipe trains, with the default unlearners and budget.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows that the model is trained on, with the columns <c>Features</c>, <c>Label</c> and <c>RowId</c>.</param>
    /// <param name="recipe">How the model is trained.</param>
    /// <returns>The labels; see <see cref="HardnessLabels.ToDataView"/> for the columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public static Task<IDataView> LabelUnlearningHardnessAsync(this DataOperationsCatalog catalog, IDataView data, ITrainingRecipe recipe) =>
        catalog.LabelUnlearningHardnessAsync(data, new HardnessLabelingOptions { Recipe = recipe });

    /// <summary>Labels every row by how hard it is to unlearn, with all options. <see cref="HardnessLabeler"/> does the same and also tells what stopped it.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows that the model is trained on.</param>
    /// <param name="options">The options.</param>
    /// <param name="progress">Gets a report after every step, and at the end the reason why the trials stopped; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches; finished trials stay in the ledger.</param>
    /// <returns>The labels; see <see cref="HardnessLabels.ToDataView"/> for the columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public static async Task<IDataView> LabelUnlearningHardnessAsync(
        this DataOperationsCatalog catalog, IDataView data, HardnessLabelingOptions options, IProgress<StudyProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        var labels = await new HardnessLabeler(options).RunAsync(data, progress, cancellationToken).ConfigureAwait(false);
        return labels.ToDataView();
    }

    /// <summary>
    /// Looks up the labels of rows by their ids, with ML.NET's own <c>MapValue</c>. It gives a row that was not labeled 0 and <see langword="false"/> in every column, <c>Labeled</c> included:
    /// keep to rows where that is <see langword="true"/>.
    /// </summary>
    /// <remarks>
    /// Labels exist of the rows that were unlearned, not of new ones: append it with <see cref="TransformerScope.Training"/>, and the look-up is there for the trainers behind it, but not in the
    /// model that scores, <c>chain.GetModelFor(TransformerScope.Scoring)</c>.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labels">Labels from <see cref="LabelUnlearningHardnessAsync(DataOperationsCatalog, IDataView, HardnessLabelingOptions, IProgress{StudyProgress}, CancellationToken)"/>.</param>
    /// <param name="rowIdColumnName">Column of the row ids, in the rows and in the labels.</param>
    /// <param name="columnNames">Columns of the labels to look up; all by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The labels lack a column.</exception>
    public static IEstimator<ITransformer> UnlearningHardnessLabels(this TransformsCatalog catalog, IDataView labels, string rowIdColumnName = "RowId", params string[] columnNames)
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
            ?? throw new ArgumentOutOfRangeException(nameof(labels), $"Could not find column '{name}' in the labels: they have {string.Join(", ", labels.Schema.Select(column => column.Name))}.");
    }
}
