using System.Text.RegularExpressions;
using Unlearn.MLNet.Erasure.Proof;
using Xunit;

namespace Unlearn.MLNet.Tests.Erasure;

public sealed partial class CertificatePageTests
{
    private const string Name = "certificate.html";

    private static readonly DateTimeOffset Received = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>To accept a change, run with UPDATE_GOLDEN=1 and read the difference.</summary>
    [Fact]
    public void The_page_is_as_recorded()
    {
        var golden = Path.Combine(GoldenFolder(), Name);
        var page = CertificatePage.Render(Certificate("R-1"));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(golden, page);
        Assert.Equal(File.ReadAllText(golden), page);
    }

    [Fact]
    public void Nothing_of_a_request_becomes_markup_and_nothing_is_loaded_from_outside()
    {
        var page = CertificatePage.Render(Certificate("<script>alert(1)</script>\" onload=\"x"));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" onload=\"", page, StringComparison.Ordinal);
        Assert.Empty(Outside().Matches(page));
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
    }

    [GeneratedRegex("(src|href)=|url\\(|https?://")]
    private static partial Regex Outside();

    private static ErasureCertificate Certificate(string id) => new()
    {
        RequestId = id, Rows = [Hash('1'), Hash('2')], ReceivedAt = Received, DueAt = Received.AddDays(30), CompletedAt = Received.AddDays(2), Method = "EU",
        Specification = "exact-retraining/1", Seed = 7, Seconds = 2.25, PlanReason = "It is the cheapest method that is safe for all rows.",
        ModelBefore = Hash('a'), ModelAfter = Hash('b'), LogIndex = 6, LogHash = Hash('c'), NotProven = ["Copies elsewhere are not known."],
        Versions = new Dictionary<string, string> { ["Unlearn.MLNet"] = "1.0", [".NET"] = "10.0" }, Audits = [Audit("FT", false), Audit("EU", true)],
    };

    private static ErasureAudit Audit(string method, bool passed) => new()
    {
        Method = method, ModelHash = Hash('b'), References = "labels: models of the trials that "
            + "left the row out", IsMeasured = true, Tolerance = 1.7, FalseAlarmRate = 0.05,
        Rows =
        [
            new() { Row = Hash('1'), LogitConfidence = passed ? 1 : 4, RetrainedMean = 0.5, RetrainedDeviation = 1, MembershipScore = passed ? 0.69 : 0.99 },
            new() { Row = Hash('2'), LogitConfidence = -1, RetrainedMean = 0.5, RetrainedDeviation = 1, MembershipScore = 0.07 },
        ],
        AllowedRows = 0, RowsAbove = passed ? 0 : 1, ShareAboveLow = passed ? 0 : 0.095, ShareAboveHigh = passed ? 0.658 : 0.905, MeanResidualMemory = passed
            ? 0.25
            : 1.75,
        RetainedAccuracyBefore = 0.981, RetainedAccuracyAfter = 0.978, TestAccuracyBefore = 0.853, TestAccuracyAfter = double.NaN, ChangedPredictions = 0.012,
        ChangedNeighbors = 0.05, Passed = passed, Reason = passed ? "No row is left in it by construction." : "1 of 2 rows lie above 1.7; "
            + "0 are allowed.", Seconds = 0.5,
    };

    private static string Hash(char digit) => new(digit, 64);

    private static string GoldenFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "tests", "Unlearn.MLNet.Tests", "Erasure", "Golden") is var golden && Directory.Exists(golden))
                return golden;
        throw new DirectoryNotFoundException("No tests/Unlearn.MLNet.Tests/Erasure/Golden above the test program.");
    }
}
