using Microsoft.ML.Trainers.FastTree;
using Unlearn.MLNet;
using Unlearn.MLNet.Hardness.Prediction;
using Unlearn.Transforms.Interop;

namespace Microsoft.ML;

/// <summary>Adds hardness models to ML.NET's catalogs: of transforms, of binary trainers, and of operations on data.</summary>
public static class HardnessModelCatalog
{
    /// <summary>Learns from the labels of some rows how hard any row is to unlearn, with default options.</summary>
    /// <param name="catalog">The catalog of transforms.</param>
    /// <param name="labels">The labels that <c>mlContext.Data.LabelUnlearningHardnessAsync</c> gives.</param>
    /// <exception cref="ArgumentOutOfRangeException">The labels lack a column.</exception>
    public static UnlearningHardnessEstimator UnlearningHardness(this TransformsCatalog catalog, IDataView labels) => catalog.UnlearningHardness(labels, new());

    /// <summary>Learns from the labels of some rows how hard any row is to unlearn, with all options.</summary>
    /// <param name="catalog">The catalog of transforms.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentOutOfRangeException">The labels lack a column, or an option is out of range.</exception>
    /// <exception cref="NotSupportedException">The process has loaded a version of Microsoft.ML that lacks what saved models need.</exception>
    public static UnlearningHardnessEstimator UnlearningHardness(this TransformsCatalog catalog, IDataView labels, UnlearningHardnessEstimator.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        MLNetCompatibility.Check();
        return new(MLNetInternals.GetEnvironment(catalog), labels, options);
    }

    /// <summary>
    /// An ordinary binary trainer of ML.NET, FastTree, with the defaults of hardness models: settings that were fixed in advance, one thread and a seed,
    /// so that the same rows give the same trees on any machine. It works with all that takes a trainer: cross-validation, permutation importance,
    /// calibrators, saving and loading.
    /// </summary>
    /// <param name="catalog">The catalog of binary trainers.</param>
    /// <param name="labelColumnName">Column that tells hard rows, a <see cref="bool"/>.</param>
    /// <param name="featureColumnName">Column of the factors, a known-size vector of <see cref="float"/>.</param>
    /// <param name="numberOfTrees">Number of trees, from 1.</param>
    /// <param name="numberOfLeaves">Leaves of a tree, from 2.</param>
    /// <param name="learningRate">Learning rate of the boosting, above 0.</param>
    /// <param name="minimumExampleCountPerLeaf">Fewest rows in a leaf, from 1.</param>
    /// <param name="seed">Seed of the trees.</param>
    /// <returns>A trainer whose model adds <c>Score</c>, <c>Probability</c> and <c>PredictedLabel</c>.</returns>
    public static FastTreeBinaryTrainer UnlearningHardness(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, string labelColumnName = "Hard", string featureColumnName = "UnlearnFactors",
        int numberOfTrees = 120, int numberOfLeaves = 8, double learningRate = 0.05, int minimumExampleCountPerLeaf = 20, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var options = HardnessTrainer.FastTreeOptions(numberOfTrees, numberOfLeaves, learningRate, minimumExampleCountPerLeaf, HardnessTrainer.Bins, seed);
        (options.LabelColumnName, options.FeatureColumnName) = (labelColumnName, featureColumnName);
        return catalog.FastTree(options);
    }

    /// <summary>
    /// The labeled rows with nothing but what a binary trainer learns from: ids, factors, labels, and <c>Group</c>, the groups of near-duplicates.
    /// Name <c>Group</c> as the <c>samplingKeyColumnName</c> of ML.NET's cross-validation and splits: a model that was trained on a near-duplicate of a
    /// row has all but seen the row.
    /// </summary>
    /// <param name="catalog">The catalog of operations on data.</param>
    /// <param name="data">Rows with their factors, in any order. Rows without labels are passed over.</param>
    /// <param name="labels">
    /// The labels that <c>mlContext.Data.LabelUnlearningHardnessAsync</c> gives, or any view with the row ids and a <see cref="bool"/>.
    /// </param>
    /// <param name="labelColumnName">Column of the labels that tells hard rows: <c>Hard</c>, or <c>NAME.Hard</c> of another unlearner.</param>
    /// <param name="factorColumnName">Column of the factors, a known-size vector of <see cref="float"/>.</param>
    /// <param name="groupColumnName">
    /// Column of groups of rows that stay together, text or integers. Default <see langword="null"/>: near-duplicates by their features; see
    /// <see cref="NearDuplicateGroups"/>. Features that are tokens need it.
    /// </param>
    /// <param name="featureColumnName">Column of the features that near-duplicates are found by.</param>
    /// <param name="rowIdColumnName">Column of the row ids in the rows and in the labels, text or integers.</param>
    /// <returns>
    /// The rows, in memory and in the order of their ids: the row id as text, factors and labels under the names they had, and <c>Group</c>, an
    /// <see cref="int"/>.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// No row is labeled, all are hard or none is, an id is there twice, or a factor is not finite.
    /// </exception>
    public static IDataView UnlearningHardnessRows(
        this DataOperationsCatalog catalog, IDataView data, IDataView labels, string labelColumnName = "Hard", string factorColumnName = "UnlearnFactors",
        string? groupColumnName = null, string featureColumnName = "Features", string rowIdColumnName = "RowId")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(labels);
        return HardnessRows.Of(data, labels, new()
        {
            LabelColumnName = labelColumnName,
            FactorColumnName = factorColumnName,
            GroupColumnName = groupColumnName,
            FeatureColumnName = featureColumnName,
            RowIdColumnName = rowIdColumnName,
        });
    }
}
