namespace Unlearn.Examples.Tests;

/// <summary>A folder that is deleted with its content when disposed.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("unlearn-").FullName;

    public string File(params string[] names)
    {
        var file = System.IO.Path.Combine([Path, .. names]);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
