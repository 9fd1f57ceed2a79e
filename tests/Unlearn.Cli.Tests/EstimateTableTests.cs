using Unlearn.Cli.Commands;
using Unlearn.MLNet;
using Xunit;

namespace Unlearn.Cli.Tests;

public sealed class EstimateTableTests
{
    private static readonly StudyEstimate Estimate = new()
    {
        Workers = 2,
        Seconds = new Dictionary<StudyStage, double> { [StudyStage.Target] = 20, [StudyStage.Trials] = 130 },
        IsCalibrated = true,
        MemoryBytes = 606_000_000,
        LedgerBytes = 1_040_000,
        EstimationSeconds = 5,
    };

    [Fact]
    public void A_summary_says_what_it_takes() =>
        Assert.Equal("About 2.5 min on 2 workers, 606 MB of memory, and 1.0 MB in 'out'.", EstimateTable.Summary(Estimate, "About", "out", note: ""));

    [Fact]
    public void A_summary_says_what_was_extrapolated_and_what_was_not_calibrated() => Assert.Equal(
        "About 2.5 min on 2 workers, 606 MB of memory, and 1.0 MB in 'out'. Trials were timed on samples of up to 2,000 rows, and extrapolated to all. "
            + "Approximate unlearners were not calibrated: their trials may take another time. More.",
        EstimateTable.Summary(Estimate with { IsCalibrated = false, SampledRows = 2000 }, "About", "out", "More."));
}
