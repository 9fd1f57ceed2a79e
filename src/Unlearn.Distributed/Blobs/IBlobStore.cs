namespace Unlearn.Distributed;

/// <summary>
/// Where coordinator and workers share what is too large for a job: rows, models, plans. Each blob is named by the SHA-256 of its content, and is never
/// changed. <see cref="BlobFolder"/> is one; implement this over an object store of your own.
/// </summary>
/// <remarks>Implementations are called from several threads at once. They need not check hashes: whoever reads a blob does.</remarks>
public interface IBlobStore
{
    /// <summary>Whether there is a blob.</summary>
    /// <param name="hash">SHA-256 of its content, as 64 lower-case hexadecimal digits.</param>
    bool Contains(string hash);

    /// <summary>Keeps a blob. Nobody sees a part of it. If there is one of this name, either may stay.</summary>
    /// <param name="hash">SHA-256 of its content.</param>
    /// <param name="content">Its content, from the stream's position on.</param>
    /// <exception cref="IOException">It cannot be kept.</exception>
    void Put(string hash, Stream content);

    /// <summary>Opens a blob for reading.</summary>
    /// <param name="hash">SHA-256 of its content.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    Stream Open(string hash);
}
