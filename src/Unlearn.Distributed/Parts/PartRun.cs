using Microsoft.ML;
using Unlearn.Distributed.Blobs;
using Unlearn.Parquet;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Distributed.Parts;

/// <summary>Parts of a folder, a model, and what of them is done.</summary>
internal sealed class PartRun
{
    private readonly Lock _gate = new();
    private readonly IProgress<ParquetTransformProgress>? _progress;
    private readonly int _kept;
    private int _finished;

    private PartRun(PartFolders folders, PartModel model, string modelHash, List<ParquetPart> parts, IProgress<ParquetTransformProgress>? progress)
    {
        (Folders, Model, ModelHash, Parts, _progress) = (folders, model, modelHash, parts, progress);
        var done = folders.Prepare(parts);
        Pending = [.. parts.Except(done)];
        _kept = _finished = done.Count;
        Report();
    }

    public PartFolders Folders { get; }

    public PartModel Model { get; }

    /// <summary>SHA-256 of the saved model, under which it is in the store of blobs.</summary>
    public string ModelHash { get; }

    public IReadOnlyList<ParquetPart> Parts { get; }

    /// <summary>The parts that were not done when the run began.</summary>
    public IReadOnlyList<ParquetPart> Pending { get; }

    /// <summary>Checks folders, files and model before anything is computed.</summary>
    /// <param name="folders">The folders.</param>
    /// <param name="transformer">The model.</param>
    /// <param name="rowsPerPart">Rows of a part at most, unless it is a single row group.</param>
    /// <param name="blobs">Gets the model for workers; <see langword="null"/> without any.</param>
    /// <param name="progress">Gets reports.</param>
    /// <param name="cancellationToken">Stops between two parts.</param>
    public static PartRun Prepare(
        PartFolders folders, ITransformer transformer, int rowsPerPart, IBlobStore? blobs, IProgress<ParquetTransformProgress>? progress,
        CancellationToken cancellationToken)
    {
        if (folders.Input == folders.Output)
            throw new ArgumentException($"'{folders.Input}' cannot hold both the parts and the transformed ones: name another folder.", nameof(folders));
        if (!Directory.Exists(folders.Input))
            throw new DirectoryNotFoundException($"There is no folder '{folders.Input}': name a folder of Parquet files with the same columns.");
        var files = ParquetFiles.Open(folders.Input, []);
        var rows = new ParquetDataView(files);
        var model = PartModel.Of(transformer);
        model.Check(rows);
        var modelHash = blobs?.Put(stream => model.Save(rows.Schema, stream)) ?? model.HashOf(rows.Schema);
        List<ParquetPart> parts = [];
        foreach (var file in files.Files)
        {
            var slices = file.Layout.Cut(rowsPerPart);
            foreach (var (number, slice) in slices.Index())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (source, hash) = (Path.GetFileName(file.Path), slice.HashOf(file.Path));
                var name = PartNames.Of(source, number + 1, slices.Count);
                parts.Add(new(name, source, slice, hash, PartModel.KeyOf(name, hash, modelHash)));
            }
        }
        if (parts.Count == 0)
            throw new InvalidDataException($"The files of '{folders.Input}' have no rows.");
        PartNames.Check(parts);
        return new(folders, model, modelHash, parts, progress);
    }

    /// <summary>Transforms the parts by threads of this process.</summary>
    public void Run(int workers, CancellationToken cancellationToken) => TorchThreads.RunAll("parts", Pending.Count, workers, number =>
    {
        Model.Transform(Folders, Pending[number], cancellationToken);
        Finished();
    }, cancellationToken);

    /// <summary>Notes that a part is done.</summary>
    public void Finished()
    {
        lock (_gate)
        {
            _finished++;
            Report();
        }
    }

    private void Report() => _progress?.Report(new() { Finished = _finished, Kept = _kept, Total = Parts.Count });
}
