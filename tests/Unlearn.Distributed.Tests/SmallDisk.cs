using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>A file system of some megabytes, in memory. Where it cannot be mounted, the test that asks for it is skipped.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("unlearn-disk-");

    public SmallDisk(int megabytes)
    {
        // That everybody may use it: the server has another user.
        var options = string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,mode=1777");
        if (Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", Path))
            return;
        _folder.Delete();
        Assert.Skip("A small file system cannot be mounted: run the test as root, with the right to mount.");
    }

    public string Path => _folder.FullName;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Takes all of its room.</summary>
    public void Fill()
    {
        using var filler = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
                filler.Write(block);
        }
        catch (IOException)
        {
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(Filler);

    /// <summary>A folder of it that another program's user owns.</summary>
    public string Folder(string name, string likeFolder)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;
        Assert.True(Run("chown", $"--reference={likeFolder}", folder) && Run("chmod", "700", folder));
        return folder;
    }

    public void Dispose()
    {
        Run("umount", "--lazy", Path);
        _folder.Delete();
    }

    /// <summary>Runs a program.</summary>
    /// <returns>Whether it said that it worked.</returns>
    public static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
