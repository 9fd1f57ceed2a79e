using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Unlearn.Distributed.Blobs;
using Unlearn.Distributed.Plans;
using Unlearn.Parquet;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Distributed.Parts;

/// <summary>A fitted model that transforms parts, each by one Torch thread, so that no number of workers or cores changes a bit.</summary>
internal sealed class PartModel : IDisposable
{
    private const int ProbedRows = 64;

    // The earliest time that an archive can tell.
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly MLContext _context;
    private readonly ITransformer _model;
    private readonly bool _isOwned;

    private PartModel(MLContext context, ITransformer model, bool isOwned) => (_context, _model, _isOwned) = (context, model, isOwned);

    /// <summary>Versions of all that computes.</summary>
    public static string Versions =>
        $"Unlearn.Transforms {SameVersions.Of(typeof(UnlearnFactorsTransformer))}, Microsoft.ML {SameVersions.Of(typeof(MLContext))}, {SameVersions.Torch}";

    /// <summary>A model of the caller's, who still owns it.</summary>
    public static PartModel Of(ITransformer model) => new(new MLContext(0), model, isOwned: false);

    /// <summary>Loads a model that <see cref="Save"/> put into a store.</summary>
    /// <exception cref="DistributedTrialsException">It is missing or damaged, or this process lacks something that it names.</exception>
    public static PartModel Load(IBlobStore blobs, string hash)
    {
        var context = new MLContext(0);
        return new(context, blobs.Read(hash, "contents of the model", stream =>
        {
            using var file = TemporaryFile();
            stream.CopyTo(file);
            file.Position = 0;
            try
            {
                return UnlearnModel.LoadFrom(context, file, hash, out _);
            }
            catch (Exception unknown) when (unknown is InvalidOperationException or NotSupportedException)
            {
                throw new DistributedTrialsException($"The worker cannot load the model: {unknown.Message}", unknown);
            }
        }), isOwned: true);
    }

    /// <summary>Saves the model, the same bytes each time: ML.NET's own archive has the time in it.</summary>
    /// <param name="schema">Schema of the rows.</param>
    /// <param name="stream">Where to.</param>
    public void Save(DataViewSchema schema, Stream stream)
    {
        using var file = TemporaryFile();
        _context.Model.Save(_model, schema, file);
        using var saved = new ZipArchive(file, ZipArchiveMode.Read);
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var entry in saved.Entries)
        {
            var copy = archive.CreateEntry(entry.FullName, CompressionLevel.NoCompression);
            copy.LastWriteTime = NoTime;
            using Stream from = entry.Open(), to = copy.Open();
            from.CopyTo(to);
        }
    }

    /// <summary>SHA-256 of what <see cref="Save"/> writes.</summary>
    public string HashOf(DataViewSchema schema)
    {
        using var file = TemporaryFile();
        Save(schema, file);
        file.Position = 0;
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Refuses rows that cannot be transformed, or whose transformed columns cannot be saved. None is read.</summary>
    public void Check(IDataView rows) => _ = new ParquetSaver(_model.Transform(rows), rowsPerGroup: 0);

    /// <summary>The key of a part.</summary>
    public static string KeyOf(string name, string hash, string model) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', "unlearn-part/1", Versions, model, hash, name))));

    /// <summary>Transforms a part, unless that is done. Call it on a thread with one Torch thread.</summary>
    /// <exception cref="InvalidDataException">The part has changed, or was cut.</exception>
    public void Transform(PartFolders folders, ParquetPart part, CancellationToken cancellationToken)
    {
        if (folders.IsDone(part))
            return;
        folders.CheckInput(part);
        var saver = new ParquetSaver(_model.Transform(Rows(folders, part)), rowsPerGroup: 0);
        try
        {
            folders.Write(part, (stream, metadata) => saver.Save(stream, metadata, cancellationToken));
        }
        catch (InvalidOperationException failure) when (DamageIn(failure) is { } damage)
        {
            // ML.NET's threads tell of an error that there was one.
            throw new InvalidDataException(damage.Message, failure);
        }
    }

    /// <summary>SHA-256 of the first transformed rows of a part, by which machines that compute otherwise are told.</summary>
    public Task<string> ProbeAsync(PartFolders folders, ParquetPart part) => TorchThreads.RunAsync("parts", () =>
    {
        folders.CheckInput(part);
        using var stream = new MemoryStream();
        new ParquetSaver(_model.Transform(_context.Data.TakeRows(Rows(folders, part), ProbedRows)), rowsPerGroup: 0).Save(stream);
        return Convert.ToHexStringLower(SHA256.HashData(stream.ToArray()));
    });

    public void Dispose()
    {
        if (_isOwned)
            (_model as IDisposable)?.Dispose();
    }

    private static InvalidDataException? DamageIn(Exception? failure) =>
        failure is null ? null : failure as InvalidDataException ?? DamageIn(failure.InnerException);

    private static ParquetDataView Rows(PartFolders folders, ParquetPart part) => new(ParquetFiles.Open(folders.InputOf(part), part.Slice));

    private static FileStream TemporaryFile() =>
        new(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
}
