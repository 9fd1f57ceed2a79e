using System.Text;
using Unlearn.MLNet.Reports;

namespace Unlearn.Cli.Terminal;

/// <summary>Writes files so that a reader sees the old content or all of the new, and makes their folders.</summary>
internal static class Files
{
    public static void Write(string path, string content) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(content)));

    public static void Write(string path, Action<Stream> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, write);
    }
}
