using Unlearn.Transforms;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.Rows;

namespace Microsoft.ML;

/// <summary>Adds the hardness factors to ML.NET's catalog of transforms, and row ids to that of data.</summary>
public static class UnlearnFactorsCatalog
{
    /// <summary>
    /// Adds to every row the factors that tell how hard it will be to unlearn from a target: one <see cref="float"/> column per factor, and a vector of all.
    /// </summary>
    /// <param name="catalog">The catalog of transforms.</param>
    /// <param name="outputColumnName">Name of the vector column of all factors.</param>
    /// <param name="target">The trained target. It is copied, and stays the caller's.</param>
    /// <param name="featureColumnName">Column of the target's features, a known-size vector of <see cref="float"/>.</param>
    /// <param name="labelColumnName">Column of the label that the target was trained on, a key or a <see cref="bool"/>.</param>
    /// <param name="rowIdColumnName">Column of the row ids; see <see cref="UnlearnFactorsEstimator.Options.RowIdColumnName"/>.</param>
    public static UnlearnFactorsEstimator UnlearnFactors(
        this TransformsCatalog catalog,
        string outputColumnName,
        ITarget target,
        string featureColumnName = "Features",
        string labelColumnName = "Label",
        string rowIdColumnName = "RowId") =>
        catalog.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            OutputColumnName = outputColumnName,
            Target = target,
            FeatureColumnName = featureColumnName,
            LabelColumnName = labelColumnName,
            RowIdColumnName = rowIdColumnName,
        });

    /// <summary>Adds to every row the factors that tell how hard it will be to unlearn from a target, with all options.</summary>
    /// <param name="catalog">The catalog of transforms.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="NotSupportedException">The process has loaded a version of Microsoft.ML that lacks what the hardness factors need.</exception>
    public static UnlearnFactorsEstimator UnlearnFactors(this TransformsCatalog catalog, UnlearnFactorsEstimator.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        MLNetCompatibility.Check();
        return new(MLNetInternals.GetEnvironment(catalog), options);
    }

    /// <summary>
    /// Adds a column of row ids to data that have none: the position of each row, from 0, as text. The view streams, and is read in order alone.
    /// Ids stay with their rows only while rows and their order stay: add them before anything is filtered or shuffled, and save the data with them
    /// where requests to erase rows are to come.
    /// </summary>
    /// <param name="catalog">The catalog of data.</param>
    /// <param name="data">The rows, which come in the same order whenever they are read.</param>
    /// <param name="rowIdColumnName">Name of the new column.</param>
    /// <exception cref="ArgumentException">There is a column of this name.</exception>
    public static IDataView AddRowIds(this DataOperationsCatalog catalog, IDataView data, string rowIdColumnName = "RowId")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(rowIdColumnName);
        return new RowIdView(data, rowIdColumnName);
    }
}
