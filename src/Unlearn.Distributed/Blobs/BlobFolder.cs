using Unlearn.MLNet.Reports;

namespace Unlearn.Distributed;

/// <summary>Blobs as files of a folder that coordinator and workers share: of one machine, or of a network file system.</summary>
public sealed class BlobFolder : IBlobStore
{
    private readonly string _folder;

    /// <summary>Uses a folder. It is made when something is put into it.</summary>
    /// <param name="path">Path of the folder.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public BlobFolder(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _folder = Path.GetFullPath(path);
    }

    /// <inheritdoc/>
    public bool Contains(string hash) => File.Exists(PathOf(hash));

    /// <inheritdoc/>
    public void Put(string hash, Stream content)
    {
        ArgumentNullException.ThrowIfNull(content);
        Directory.CreateDirectory(_folder);
        AtomicFile.Write(PathOf(hash), content.CopyTo);
    }

    /// <inheritdoc/>
    public Stream Open(string hash) => File.Exists(PathOf(hash))
        ? File.OpenRead(PathOf(hash))
        : throw new FileNotFoundException($"The folder of blobs '{_folder}' has no '{hash}'.");

    /// <summary>The folder, for messages.</summary>
    public override string ToString() => $"folder '{_folder}'";

    private string PathOf(string hash) => Path.Combine(_folder, Path.GetFileName(hash));
}
