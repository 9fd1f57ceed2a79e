using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Tests;
using Unlearn.Transforms;

namespace Unlearn.Distributed.Tests;

/// <summary>A folder of parts, and a model of factors that are fitted on all of their rows.</summary>
internal sealed class PartsCase : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TorchTarget _target;

    /// <param name="files">Number of files.</param>
    /// <param name="rowsPerFile">Rows of each, in row groups of 10.</param>
    public PartsCase(int files = 5, int rowsPerFile = 24)
    {
        Directory.CreateDirectory(Input);
        var rows = TinyStudy.View(Context, files * rowsPerFile);
        for (var file = 0; file < files; file++)
        {
            var rest = file == 0 ? rows : Context.Data.SkipRows(rows, file * rowsPerFile);
            Context.Data.SaveAsParquet(Context.Data.TakeRows(rest, rowsPerFile), InputOf(file), rowsPerGroup: 10);
        }
        var recipe = TinyStudy.Recipe;
        using var training = TrainingRows.FromDataView(rows);
        int[] all = [.. Enumerable.Range(0, training.Count)];
        _target = Unlearn.Transforms.Runtime.TorchThreads.RunAsync("test", () => (TorchTarget)recipe.Train(training, all, seed: 1)).GetAwaiter().GetResult();
        Model = Fit(HardnessFactors.Loss, HardnessFactors.GradientNorm, HardnessFactors.SelfInfluence, HardnessFactors.NeighborDistance);
    }

    public MLContext Context { get; } = new(1);

    public ITransformer Model { get; }

    public string Input => _folder.File("people");

    public string Blobs => _folder.File("blobs");

    public string InputOf(int file) => Path.Combine(Input, $"part-{file}.parquet");

    public string FolderOf(string name) => _folder.File(name);

    public ITransformer Fit(params IHardnessFactor[] factors)
    {
        var rows = Context.Data.LoadFromParquet(Input);
        return Context.Transforms.Conversion.MapValueToKey("Label")
            .Append(Context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = _target, Factors = factors, Seed = 1 }))
            .Append(Context.Transforms.SelectColumns("RowId", "UnlearnFactors"))
            .Fit(rows);
    }

    public Task<IDataView> RunAsync(
        string output, int workers = 1, PostgresCluster? cluster = null, IProgress<ParquetTransformProgress>? progress = null, ITransformer? model = null,
        int rowsPerPart = 1000, CancellationToken cancellationToken = default) =>
        Context.Data.TransformParquetAsync(
            model ?? Model, Input, FolderOf(output), new() { Workers = workers, Cluster = cluster, RowsPerPart = rowsPerPart }, progress, cancellationToken);

    public PostgresCluster Cluster(string database) => new(database, new BlobFolder(Blobs))
    {
        PollInterval = TimeSpan.FromSeconds(0.1),
        LostJobTimeout = TimeSpan.FromSeconds(5),
        Patience = TimeSpan.FromMinutes(1),
        WorkerTimeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>Names and hashes of all that a folder holds.</summary>
    public IReadOnlyList<string> Bytes(string output) =>
        [.. Directory.EnumerateFiles(FolderOf(output)).Order(StringComparer.Ordinal)
            .Select(file => $"{Path.GetFileName(file)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}")];

    public static IReadOnlyList<float[]> Values(IDataView rows) => [.. rows.GetColumn<float[]>("UnlearnFactors")];

    public void Dispose()
    {
        (Model as IDisposable)?.Dispose();
        _target.Dispose();
        _folder.Dispose();
    }
}
