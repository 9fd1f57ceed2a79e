using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

public sealed class TrialChecksumTests
{
    private static readonly TrialResult Result = new()
    {
        TrialId = "trial",
        Outcomes = [new() { RowId = "é", ConfidenceBefore = 0.5, ConfidenceAfter = 0.25, LogitConfidenceAfter = -1, ChangedNeighbors = 0.125 }],
        RetainedAccuracy = 0.75,
        TestAccuracy = 0.5,
        Seconds = 2,
        CpuSeconds = 3,
        PreparationSeconds = 4,
        RetainedAccuracyBefore = 0.875,
        TestAccuracyBefore = 0.625,
        ChangedPredictions = 0.0625,
        ParameterShift = 5,
        Steps = new(1, [0.5f]),
        AllLogitConfidences = [1, 2],
        ShardDisplacements = [3, 4],
    };

    [Fact]
    public void Checksums_in_ledgers_of_users_stay_right() =>
        Assert.Equal("3c3fbd92d8370f3f14a4a8152eceb0bcd5d5b058f38be0ac124a660f808d7b6f", TrialChecksum.Of(Result, new()));

    [Fact]
    public void Every_number_counts_by_its_name()
    {
        TrialResult[] others =
        [
            Result with { TrialId = "other" },
            Result with { RetainedAccuracy = 0 },
            Result with { TestAccuracy = null },
            Result with { Seconds = 0 },
            Result with { CpuSeconds = null },
            Result with { PreparationSeconds = null },
            Result with { CpuSeconds = null, PreparationSeconds = 3 },
            Result with { RetainedAccuracyBefore = null },
            Result with { TestAccuracyBefore = null },
            Result with { ChangedPredictions = null },
            Result with { ParameterShift = null },
            Result with { Steps = null },
            Result with { Steps = new(1, [0.25f]) },
            Result with { AllLogitConfidences = null },
            Result with { AllLogitConfidences = [1, 2, 3], ShardDisplacements = [4] },
            Result with { ShardDisplacements = null },
            Result with { Outcomes = [] },
            .. new[] { "row", "before", "after", "logit", "neighbors" }.Select(what => Result with { Outcomes = [Changed(Result.Outcomes[0], what)] }),
        ];
        Assert.Equal(others.Length + 1, others.Append(Result).Select(result => TrialChecksum.Of(result, new())).Distinct().Count());

        static RowOutcome Changed(RowOutcome outcome, string what) => what switch
        {
            "row" => outcome with { RowId = "e" },
            "before" => outcome with { ConfidenceBefore = 0 },
            "after" => outcome with { ConfidenceAfter = 0 },
            "logit" => outcome with { LogitConfidenceAfter = null },
            _ => outcome with { ChangedNeighbors = null },
        };
    }
}
