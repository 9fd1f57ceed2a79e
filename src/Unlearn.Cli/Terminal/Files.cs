using System.Text;

namespace Unlearn.Cli.Terminal;

/// <summary>Writes files so that a reader sees the old content or all of the new.</summary>
internal static class Files
{
    public static void Write(string path, string content) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(content)));

    public static void Write(string path, Action<Stream> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
                write(stream);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
