using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.ML.Runtime;
using Unlearn.MLNet.Reports;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Erasure.Storage;

/// <summary>Models on disk, each under the SHA-256 of its file.</summary>
internal static class ModelFile
{
    private const string KindEntry = "kind.txt";
    private const long LargestEntry = 1L << 30;

    // The least that a zip file can hold: equal models make equal files.
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Path(string folder, string hash) => System.IO.Path.Combine(folder, $"{hash}.zip");

    /// <summary>Saves a model.</summary>
    /// <returns>Its hash.</returns>
    /// <exception cref="NotSupportedException">No format saves such a model.</exception>
    public static string Save(string folder, ITarget model)
    {
        var format = TargetFormats.FindFor(model);
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, KindEntry, System.Text.Encoding.UTF8.GetBytes(format.Kind));
            foreach (var (name, content) in format.Save(model).OrderBy(entry => entry.Key, StringComparer.Ordinal))
                Add(zip, name, content);
        }
        var bytes = memory.ToArray();
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (!File.Exists(Path(folder, hash)))
            AtomicFile.Write(Path(folder, hash), stream => stream.Write(bytes));
        return hash;
    }

    /// <summary>Loads a model.</summary>
    /// <exception cref="FormatException">The file is missing, or is not the one that was saved.</exception>
    public static ITarget Load(IHostEnvironment environment, string folder, string hash)
    {
        if (!IsIntact(folder, hash))
            throw new FormatException($"The file of model {hash} is missing or was changed: restore it from a backup.");
        using var zip = ZipFile.OpenRead(Path(folder, hash));
        var entries = zip.Entries.ToDictionary(entry => entry.FullName, Read, StringComparer.Ordinal);
        var kind = entries.Remove(KindEntry, out var name) ? System.Text.Encoding.UTF8.GetString(name) : "";
        return TargetFormats.Find(kind).Load(environment, entries);
    }

    /// <summary>Whether a model's file is there and has its hash.</summary>
    public static bool IsIntact(string folder, string hash)
    {
        if (!File.Exists(Path(folder, hash)))
            return false;
        using var file = File.OpenRead(Path(folder, hash));
        return Convert.ToHexStringLower(SHA256.HashData(file)) == hash;
    }

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = NoTime;
        using var stream = entry.Open();
        stream.Write(content);
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        if (entry.Length > LargestEntry)
            throw new FormatException($"Entry '{entry.FullName}' of a model is {entry.Length} bytes long, more than a model's may be.");
        var content = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(content);
        return content;
    }
}
