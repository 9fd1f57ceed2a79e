using Microsoft.ML;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet;

/// <summary>How erasure requests are served.</summary>
public sealed record ErasureOptions
{
    /// <summary>How the model was trained, and is retrained.</summary>
    public required ITrainingRecipe Recipe { get; init; }

    /// <summary>What is accepted.</summary>
    public ErasurePolicy Policy { get; init; } = new();

    /// <summary>
    /// Unlearners in place of the known ones of the same name, with options of their own. Each takes the strength that the labels tell of, if it has one.
    /// </summary>
    /// <value>Default none.</value>
    public IReadOnlyList<IUnlearner> Unlearners { get; init; } = [];

    /// <summary>Column of the features, a known-size vector of <see cref="float"/>; or of text, for models that take texts.</summary>
    /// <value>Default <c>Features</c>.</value>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>Largest number of characters of a row where the features are text, from 1; the model and its labels have the same.</summary>
    /// <value>Default <see cref="TextFeatures.DefaultLength"/>.</value>
    public int MaximumTextLength { get; init; } = TextFeatures.DefaultLength;

    /// <summary>Column of the label that the model is trained on, a key or a <see cref="bool"/>.</summary>
    /// <value>Default <c>Label</c>.</value>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Column of the row ids, text or integers, without repetition.</summary>
    /// <value>Default <c>RowId</c>.</value>
    public string RowIdColumnName { get; init; } = "RowId";

    /// <summary>
    /// Folder in which the features of the rows, and of <see cref="TestData"/>, are while a workspace is open, rows × features × 4 bytes, twice that for a
    /// while: for rows that memory cannot hold. Results are the same, bit for bit. What is made there is gone when the workspace is disposed, or the process
    /// ends; erased rows are gone from it with the request.
    /// </summary>
    /// <value>Default <see langword="null"/>: in memory.</value>
    public string? StoreFolder { get; init; }

    /// <summary>Rows that the model is not trained on, with the same columns; audits watch the accuracy on them.</summary>
    /// <value>Default none.</value>
    public IDataView? TestData { get; init; }

    /// <summary>
    /// Makes the pipeline that predicts, for a model and labels, each row's residual memory: factors, then a hardness model. Its rows have the columns
    /// <c>RowId</c>, <c>Features</c> and <c>Label</c>.
    /// </summary>
    /// <value>Default: <c>UnlearnFactors</c> and <c>UnlearningHardness</c> with their defaults.</value>
    public Func<MLContext, ITarget, IDataView, IEstimator<ITransformer>>? CreateHardness { get; init; }

    /// <summary>
    /// Files outside the workspace that were made of the rows: ledgers of trials, files of studies, factors, caches. <see cref="ErasureWorkspace.Purge"/>
    /// rewrites tables without the erased rows, and deletes all else.
    /// </summary>
    /// <value>Default none.</value>
    public IReadOnlyList<string> DerivedFiles { get; init; } = [];

    /// <summary>Seed of all that is drawn.</summary>
    /// <value>Default 1.</value>
    public int Seed { get; init; } = 1;

    /// <summary>Checks what can be checked before the rows are read.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Recipe);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumTextLength, 1);
        Policy.Check();
        FeatureFile.CheckFolder(StoreFolder, nameof(StoreFolder));
    }
}
