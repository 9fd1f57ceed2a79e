using Unlearn.Transforms.Runtime;

namespace Unlearn.Distributed.Parts;

/// <summary>A run's parts on a worker, with its model, which was proved to compute the same.</summary>
internal sealed class RestoredParts : IDisposable
{
    private readonly PartModel _model;
    private readonly PartFolders _folders;
    private readonly Dictionary<string, ParquetPart> _parts;

    private RestoredParts(PartModel model, PartFolders folders, Dictionary<string, ParquetPart> parts) => (_model, _folders, _parts) = (model, folders, parts);

    /// <summary>Loads the model.</summary>
    /// <exception cref="DistributedTrialsException">Versions differ, the model cannot be loaded, or this machine computes otherwise.</exception>
    public static RestoredParts Load(IBlobStore blobs, string hash)
    {
        var document = PartsDocument.Read(blobs, hash);
        document.CheckVersions();
        var folders = new PartFolders(document.Input, document.Output);
        var model = PartModel.Load(blobs, document.Model);
        try
        {
            if (Explained(() => model.ProbeAsync(folders, document.Parts[0]).GetAwaiter().GetResult()) != document.Probe)
                throw new DistributedTrialsException(
                    "The worker's machine computes other values by the same model than the coordinator's: use processors of one kind for both.");
            return new(model, folders, document.Parts.ToDictionary(part => part.Key, StringComparer.Ordinal));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Transforms a part, unless that is done.</summary>
    /// <exception cref="DistributedTrialsException">The part or its folder cannot be used, or no try can transform it.</exception>
    /// <exception cref="IOException">It cannot be read or written at the moment.</exception>
    public void Transform(string key, CancellationToken cancellationToken)
    {
        if (!_parts.TryGetValue(key, out var part))
            throw new DistributedTrialsException($"The list of the parts has no part '{key}'.");
        Explained(() => TorchThreads.RunAsync("part", () =>
        {
            _model.Transform(_folders, part, cancellationToken);
            return true;
        }).GetAwaiter().GetResult());
    }

    public void Dispose() => _model.Dispose();

    // What would fail again is not tried again.
    private static T Explained<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DistributedTrialsException($"{failure.Message} Give the worker the folder under the path that it has on the coordinator.", failure);
        }
        catch (Exception failure) when (failure is InvalidDataException or UnauthorizedAccessException or ArgumentException or InvalidOperationException
            or NotSupportedException)
        {
            throw new DistributedTrialsException(failure.Message, failure);
        }
    }
}
