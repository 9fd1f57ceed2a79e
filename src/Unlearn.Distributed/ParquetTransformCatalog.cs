using Unlearn.Distributed;
using Unlearn.Distributed.Jobs;
using Unlearn.Distributed.Parts;
using Unlearn.Transforms;
using Unlearn.Transforms.Interop;

namespace Microsoft.ML;

/// <summary>Adds the transform of many Parquet files to ML.NET's catalog of data operations.</summary>
public static class ParquetTransformCatalog
{
    /// <summary>
    /// Transforms the Parquet files of a folder by a fitted model, such as one with hardness factors. Each file is a part by itself, and becomes a file of
    /// the same name; one with many rows is several parts of consecutive row groups, which become <c>people.part-0001.parquet</c> and so on. A part is
    /// transformed by one thread of this process or one worker of a cluster. The files are the same, byte for byte, for any number of either.
    /// </summary>
    /// <remarks>
    /// The run may be stopped or killed at any moment; the next one computes what is missing. A file's footer says of which rows and which model it is:
    /// what is of others, or of parts of another size, is removed at the start and computed anew. The model must not be one that cannot be saved.
    /// </remarks>
    /// <param name="catalog">The catalog of data operations.</param>
    /// <param name="model">
    /// The model, from the columns of the files to those that are to be saved: end it with <c>SelectColumns</c> to save a few. It stays the caller's.
    /// </param>
    /// <param name="inputFolder">Folder of the files <c>*.parquet</c>, all with the same columns. Files without rows are left out.</param>
    /// <param name="outputFolder">Folder of the transformed files. It is made if it is missing, and must hold no other Parquet files.</param>
    /// <param name="options">Who transforms them, and how long a part is; <see langword="null"/> for this process.</param>
    /// <param name="progress">Gets a report at the start and after each part; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two rows, as <c>mlContext.CancelExecution()</c> does. Finished parts are kept.</param>
    /// <returns>The transformed rows, as <see cref="ParquetCatalog.LoadFromParquet"/> reads them of the output folder.</returns>
    /// <exception cref="ArgumentException">An option is outside its range, or both folders are one.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column that the model needs is missing or has the wrong type.</exception>
    /// <exception cref="IOException">A folder or file is missing, or cannot be written.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged, cut, or has other columns than the first one, or has changed since the start. Or names of parts do not sort as the rows do.
    /// </exception>
    /// <exception cref="InvalidOperationException">The output folder holds Parquet files that are no parts, or a row cannot be transformed.</exception>
    /// <exception cref="NotSupportedException">The model cannot be saved.</exception>
    /// <exception cref="DistributedTrialsException">A worker refuses a part, there is no worker, or the database cannot be used.</exception>
    /// <exception cref="TorchUnavailableException">Torch's native library cannot be loaded.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the ML context was told to stop.</exception>
    public static async Task<IDataView> TransformParquetAsync(
        this DataOperationsCatalog catalog,
        ITransformer model,
        string inputFolder,
        string outputFolder,
        ParquetTransformOptions? options = null,
        IProgress<ParquetTransformProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputFolder);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputFolder);
        options ??= new();
        options.Check();
        using var stop = new ContextCancellation(MLNetInternals.GetEnvironment(catalog), cancellationToken);
        try
        {
            var folders = new PartFolders(inputFolder, outputFolder);
            var run = await Task.Run(
                () => PartRun.Prepare(folders, model, options.RowsPerPart, options.Cluster?.Blobs, progress, stop.Token), stop.Token).ConfigureAwait(false);
            if (options.Cluster is { } cluster)
                await new PartExecutor(cluster, run).RunAsync(stop.Token).ConfigureAwait(false);
            else
                await Task.Run(() => run.Run(options.Workers, stop.Token), stop.Token).ConfigureAwait(false);
            folders.RemoveLeftovers();
            return catalog.LoadFromParquet(folders.Output);
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfCancelled();
            throw;
        }
    }
}
