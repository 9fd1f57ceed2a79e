using System.IO.Compression;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Fuzzing;

/// <summary>Damages one file of an archive, such as a model that ML.NET saved, or leaves it out. The archive's checksums are right.</summary>
internal static class ArchiveEdit
{
    /// <summary>Changes a copy of an archive.</summary>
    /// <returns>What was done, and the archive.</returns>
    public static (string What, byte[] Content) Apply(byte[] content, SeededRandom random)
    {
        var files = Files(content);
        var at = random.Next(files.Count);
        var (name, file) = files[at];
        string what;
        if (random.Next(10) == 0)
        {
            files.RemoveAt(at);
            what = "leave out";
        }
        else
        {
            (what, file) = FileEdit.Apply(file, random);
            files[at] = (name, file);
        }
        return ($"{what} of {name}", Archive(files));
    }

    /// <summary>The files of an archive.</summary>
    public static List<(string Name, byte[] Content)> Files(byte[] content)
    {
        List<(string Name, byte[] Content)> files = [];
        using var archive = new ZipArchive(new MemoryStream(content));
        foreach (var entry in archive.Entries)
        {
            using var stream = entry.Open();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            files.Add((entry.FullName, copy.ToArray()));
        }
        return files;
    }

    /// <summary>An archive of files.</summary>
    public static byte[] Archive(IReadOnlyList<(string Name, byte[] Content)> files)
    {
        using var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (path, bytes) in files)
            {
                using var stream = archive.CreateEntry(path).Open();
                stream.Write(bytes);
            }
        return packed.ToArray();
    }
}
