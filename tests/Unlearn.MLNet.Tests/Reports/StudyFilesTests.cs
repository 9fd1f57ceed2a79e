using System.Globalization;
using System.Text.Json;
using CsCheck;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Reports;

public sealed class StudyFilesTests
{
    private static readonly string[] Names =
    [
        StudyFiles.AucChart, StudyFiles.Factors, StudyFiles.Hardness, StudyFiles.Outcomes, StudyFiles.Report, StudyFiles.Summary,
        StudyFiles.TransferChart,
    ];

    [Fact]
    public void WritesItsFilesAndNothingElseOverOlderOnes()
    {
        using var folder = new TemporaryFolder();
        var target = Path.Combine(folder.Path, "new", "out");
        Directory.CreateDirectory(target);
        File.WriteAllText(Path.Combine(target, StudyFiles.Summary), new string('x', 100_000));
        StudyFiles.Write(target, StudyFixture.Study());
        Assert.Equal(Names, Directory.GetFiles(target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(target, StudyFiles.Summary))).Dispose();
    }

    [Fact]
    public void TheTransferOfAnEarlierStudyDoesNotStayBehind()
    {
        using var folder = new TemporaryFolder();
        StudyFiles.Write(folder.Path, StudyFixture.Study());
        StudyFiles.Write(folder.Path, StudyFixture.Study() with { Agreement = null });
        Assert.False(File.Exists(Path.Combine(folder.Path, StudyFiles.TransferChart)));
    }

    [Fact]
    public void FilesDoNotDependOnTheCulture()
    {
        var before = CultureInfo.CurrentCulture;
        var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (odd.NumberFormat.NumberDecimalSeparator, odd.NumberFormat.NegativeSign, odd.NumberFormat.PercentSymbol) = (",", "~", "percent");
        var expected = Contents();
        try
        {
            CultureInfo.CurrentCulture = odd;
            Assert.Equal(expected, Contents());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void TablesHaveNoByteOrderMarkAndOneKindOfLineEnd() => Assert.All(Contents(), content =>
    {
        Assert.NotEqual(0xEF, content[0]);
        Assert.DoesNotContain((byte)'\r', content);
        Assert.Equal((byte)'\n', content[^1]);
    });

    [Fact]
    public void NumbersReadBackAsWritten() => Gen.Float.Array[30].Sample(
        values =>
        {
            var fixture = StudyFixture.Study();
            var study = fixture with
            {
                Factors = [new FactorColumn { Name = "F", Tier = FactorTier.T0, Values = values }],
                Unlearners = [.. fixture.Unlearners.Select(of => of with { Evaluation = of.Evaluation with { Contributions = [] } })],
                RowIds = [.. Enumerable.Range(0, 30).Select(i => $"{i}")],
            };
            using var folder = new TemporaryFolder();
            StudyFiles.Write(folder.Path, study);
            var read = File.ReadLines(Path.Combine(folder.Path, StudyFiles.Factors))
                .Skip(1)
                .Select(line => float.Parse(line.Split(',')[2], CultureInfo.InvariantCulture));
            Assert.Equal(values, read);
        },
        iter: 20);

    [Fact]
    public void FieldsThatNeedItAreQuoted()
    {
        using var folder = new TemporaryFolder();
        StudyFiles.Write(folder.Path, StudyFixture.Study());
        var lines = File.ReadAllLines(Path.Combine(folder.Path, StudyFiles.Hardness));
        Assert.Equal("RowId,EU_Score,EU_Label,EU_Probability,FT_Score,FT_Label,FT_Probability,None_Score,None_Label,None_Probability", lines[0]);
        Assert.StartsWith("\"a,b\",", lines[4], StringComparison.Ordinal);
        Assert.StartsWith("\"say \"\"ä\"\"\",", lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public void SummaryGivesUndefinedNumbersAsNull()
    {
        using var folder = new TemporaryFolder();
        StudyFiles.Write(folder.Path, StudyFixture.Study());
        using var summary = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder.Path, StudyFiles.Summary)));
        var unlearners = summary.RootElement.GetProperty("unlearners");
        Assert.Equal(0.890625, unlearners[0].GetProperty("auc").GetDouble());
        Assert.Equal("Loss", unlearners[0].GetProperty("bestSingle").GetProperty("factor").GetString());
        Assert.Equal(JsonValueKind.Null, unlearners[2].GetProperty("auc").ValueKind);
        Assert.Equal(JsonValueKind.Null, summary.RootElement.GetProperty("agreement").GetProperty("acrossHalves").GetProperty("spearman")[0][2].ValueKind);
        Assert.Equal(0.925, summary.RootElement.GetProperty("target").GetProperty("trainAccuracy").GetDouble());
        Assert.Equal(9, summary.RootElement.GetProperty("seconds").GetProperty("trials").GetDouble());
    }

    [Fact]
    public void AStudyThatDoesNotFitTogetherWritesNothing()
    {
        using var folder = new TemporaryFolder();
        var study = StudyFixture.Study() with { Factors = [new FactorColumn { Name = "Short", Tier = FactorTier.T0, Values = [1, 2] }] };
        var error = Assert.Throws<ArgumentException>(() => StudyFiles.Write(folder.Path, study));
        Assert.Contains("2 values of factor Short; 30 are needed", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void AFailingWriteLeavesTheOldFileAndNoTemporaryOne()
    {
        using var folder = new TemporaryFolder();
        var report = Path.Combine(folder.Path, StudyFiles.Report);
        File.WriteAllText(report, "old");
        Assert.Throws<InvalidDataException>(() => StudyFiles.Write(folder.Path, StudyFixture.Study(), _ => throw new InvalidDataException()));
        Assert.Equal("old", File.ReadAllText(report));
        Assert.Empty(Directory.GetFiles(folder.Path, "*.tmp"));
    }

    private static byte[][] Contents()
    {
        using var folder = new TemporaryFolder();
        StudyFiles.Write(folder.Path, StudyFixture.Study(), StudyFixture.Picture);
        return [.. Names.Select(name => File.ReadAllBytes(Path.Combine(folder.Path, name)))];
    }
}
