using System.Security.Cryptography;

namespace Unlearn.Distributed.Blobs;

/// <summary>Puts content into a store under its hash, and believes what comes from there only if it still has this hash.</summary>
internal static class CheckedBlobs
{
    /// <summary>Keeps content that a store does not have yet.</summary>
    /// <param name="store">The store.</param>
    /// <param name="write">Writes the content; the same bytes each time.</param>
    /// <returns>Its hash.</returns>
    /// <exception cref="DistributedTrialsException">It cannot be kept: the disk is full, for instance.</exception>
    public static string Put(this IBlobStore store, Action<Stream> write)
    {
        // In a file, not in memory: rows can have gigabytes. They are hashed before they are put, since the hash is their name.
        using var file = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        write(file);
        file.Position = 0;
        var hash = Convert.ToHexStringLower(SHA256.HashData(file));
        if (!store.Contains(hash) || !IsIntact(store, hash))
        {
            file.Position = 0;
            Put(store, hash, file);
        }
        return hash;
    }

    /// <summary>Reads content.</summary>
    /// <param name="store">The store.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="read">Reads it to the end.</param>
    /// <exception cref="DistributedTrialsException">There is no such content, or it has another hash.</exception>
    /// <exception cref="IOException">The store cannot be read at the moment.</exception>
    public static T Read<T>(this IBlobStore store, string hash, string what, Func<Stream, T> read)
    {
        using var stream = Open(store, hash, what);
        using var hasher = SHA256.Create();
        T? value = default;
        Exception? failure = null;
        using (var hashing = new CryptoStream(stream, hasher, CryptoStreamMode.Read, leaveOpen: true))
        {
            try
            {
                value = read(hashing);
            }
            catch (Exception cause) when (cause is FormatException or ArgumentException or EndOfStreamException or InvalidDataException or OverflowException
                or System.Text.Json.JsonException)
            {
                failure = cause;
            }
            hashing.CopyTo(Stream.Null);
        }
        var found = Convert.ToHexStringLower(hasher.Hash!);
        if (found == hash)
            return failure is null ? value! : throw new DistributedTrialsException(
                $"The {what} '{hash}' of the {Name(store)} cannot be read, though they are what was put there: "
                + "install the same version of Unlearn.MLNet on workers and coordinator.", failure);
        (value as IDisposable)?.Dispose();
        throw new DistributedTrialsException(
            $"The {what} of the {Name(store)} are not what was put there: they have SHA-256 {found}, not '{hash}'. "
            + "Delete this blob and run the coordinator again.");
    }

    private static void Put(IBlobStore store, string hash, Stream content)
    {
        try
        {
            store.Put(hash, content);
        }
        catch (IOException failure)
        {
            throw new DistributedTrialsException(
                $"The {Name(store)} cannot keep what workers need [{failure.Message}]: make room there, and run again; finished trials are kept.", failure);
        }
    }

    private static Stream Open(IBlobStore store, string hash, string what)
    {
        try
        {
            return store.Open(hash);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DistributedTrialsException(
                $"The {what} '{hash}' are not in the {Name(store)}: give the worker the same store that the coordinator has.", missing);
        }
    }

    private static bool IsIntact(IBlobStore store, string hash)
    {
        using var stream = store.Open(hash);
        return Convert.ToHexStringLower(SHA256.HashData(stream)) == hash;
    }

    private static string Name(IBlobStore store) => store is BlobFolder ? store.ToString()! : $"store {store.GetType().Name}";
}
