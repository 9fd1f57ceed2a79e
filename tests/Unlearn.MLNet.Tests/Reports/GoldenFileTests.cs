using Xunit;

namespace Unlearn.MLNet.Tests.Reports;

/// <summary>Compares the files of the fixture study byte for byte. To accept a change, run with UPDATE_GOLDEN=1 and read the difference.</summary>
public sealed class GoldenFileTests
{
    [Theory]
    [InlineData(StudyFiles.Factors)]
    [InlineData(StudyFiles.Hardness)]
    [InlineData(StudyFiles.Outcomes)]
    [InlineData(StudyFiles.Summary)]
    [InlineData(StudyFiles.Report)]
    [InlineData(StudyFiles.AucChart)]
    [InlineData(StudyFiles.TransferChart)]
    public void FileIsAsRecorded(string name)
    {
        using var folder = new TemporaryFolder();
        StudyFiles.Write(folder.Path, StudyFixture.Study(), StudyFixture.Picture);
        var (actual, golden) = (Path.Combine(folder.Path, name), Path.Combine(GoldenFolder(), name));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.Copy(actual, golden, overwrite: true);

        // As text first: a failure then shows where.
        Assert.Equal(File.ReadAllText(golden), File.ReadAllText(actual));
        Assert.Equal(File.ReadAllBytes(golden), File.ReadAllBytes(actual));
    }

    // Looked for from the program upwards: paths in a deterministic build do not name the sources.
    private static string GoldenFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var golden = Path.Combine(folder.FullName, "tests", "Unlearn.MLNet.Tests", "Reports", "Golden");
            if (Directory.Exists(golden))
                return golden;
        }

        throw new DirectoryNotFoundException("No tests/Unlearn.MLNet.Tests/Reports/Golden above the test program.");
    }
}
