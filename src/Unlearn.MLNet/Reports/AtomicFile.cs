using System.Diagnostics;
using System.Globalization;

namespace Unlearn.MLNet.Reports;

/// <summary>Writes files so that a reader, or a run after a crash, sees the old content or all of the new, never a part.</summary>
internal static class AtomicFile
{
    private const string Ending = ".tmp";

    /// <summary>Writes a file. What killed writers of the same file have left is removed.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}{Ending}";
        RemoveLeftovers(path);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void RemoveLeftovers(string path)
    {
        var (folder, name) = (Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path));
        foreach (var file in Directory.EnumerateFiles(folder, $"{name}.*{Ending}"))
        {
            var between = Path.GetFileName(file).AsSpan((name.Length + 1)..^Ending.Length);
            if (int.TryParse(between, NumberStyles.None, CultureInfo.InvariantCulture, out var writer) && !IsRunning(writer) && !IsOpen(file))
                File.Delete(file);
        }
    }

    // A process of another container is not seen here, but holds the file.
    private static bool IsOpen(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static bool IsRunning(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
