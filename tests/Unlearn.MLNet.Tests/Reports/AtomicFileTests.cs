using System.Diagnostics;
using System.Globalization;
using Unlearn.MLNet.Reports;
using Xunit;

namespace Unlearn.MLNet.Tests.Reports;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheNextWriterRemovesWhatKilledOnesLeftAndNothingElse()
    {
        var path = _folder.File("report.html");
        using var ended = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true })!;
        ended.WaitForExit();
        var (killed, running) = (Left(ended.Id), Left(1));
        string[] others = [_folder.File("report.html.x.tmp"), _folder.File("report.html.tmp"), _folder.File($"summary.json.{ended.Id}.tmp")];
        Array.ForEach(others, file => File.WriteAllText(file, "another's"));

        AtomicFile.Write(path, stream => stream.Write("whole"u8));

        Assert.Equal("whole", File.ReadAllText(path));
        Assert.False(File.Exists(killed));
        Assert.True(File.Exists(running));
        Assert.All(others, file => Assert.True(File.Exists(file)));

        string Left(int process)
        {
            var file = string.Create(CultureInfo.InvariantCulture, $"{path}.{process}.tmp");
            File.WriteAllText(file, "a part");
            return file;
        }
    }

    [Fact]
    public void AWriterThatFailsLeavesTheOldContentAndNothingElse()
    {
        var path = _folder.File("report.html");
        AtomicFile.Write(path, stream => stream.Write("old"u8));
        Assert.Throws<InvalidDataException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("ne"u8);
            throw new InvalidDataException();
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }
}
