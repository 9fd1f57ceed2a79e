namespace Unlearn.MLNet.Tests.Reports;

/// <summary>A folder that is deleted with its content when disposed.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("unlearn-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
