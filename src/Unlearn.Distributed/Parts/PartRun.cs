using Microsoft.ML;
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

    private PartRun(PartFolders folders, PartModel model, DataViewSchema schema, List<ParquetPart> parts, IProgress<ParquetTransformProgress>? progress)
    {
        (Folders, Model, Schema, Parts, _progress) = (folders, model, schema, parts, progress);
        var done = folders.Prepare(parts);
        Pending = [.. parts.Except(done)];
        _kept = _finished = done.Count;
        Report();
    }

    public PartFolders Folders { get; }

    public PartModel Model { get; }

    /// <summary>Schema of the parts.</summary>
    public DataViewSchema Schema { get; }

    public IReadOnlyList<ParquetPart> Parts { get; }

    /// <summary>The parts that were not done when the run began.</summary>
    public IReadOnlyList<ParquetPart> Pending { get; }

    /// <summary>Checks folders, files and model before anything is computed.</summary>
    public static PartRun Prepare(
        ITransformer transformer, string input, string output, IProgress<ParquetTransformProgress>? progress, CancellationToken cancellationToken)
    {
        var folders = new PartFolders(input, output);
        if (folders.Input == folders.Output)
            throw new ArgumentException($"'{folders.Input}' cannot hold both the parts and the transformed ones: name another folder.", nameof(output));
        if (!Directory.Exists(folders.Input))
            throw new DirectoryNotFoundException($"There is no folder '{folders.Input}': name a folder of Parquet files with the same columns.");
        var files = ParquetFiles.Open(folders.Input, []);
        var rows = new ParquetDataView(files);
        var model = PartModel.Of(transformer);
        model.Check(rows);
        var hash = model.HashOf(rows.Schema);
        List<ParquetPart> parts = [];
        foreach (var file in files.Files.Where(file => file.GroupRows.Sum(count => (long)count) > 0))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (name, content) = (Path.GetFileName(file.Path), PartFolders.HashOf(file.Path));
            parts.Add(new(name, content, PartModel.KeyOf(name, content, hash)));
        }
        return parts.Count > 0
            ? new(folders, model, rows.Schema, parts, progress)
            : throw new InvalidDataException($"The files of '{folders.Input}' have no rows.");
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
