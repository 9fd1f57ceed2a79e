using System.Globalization;
using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials;

/// <summary>Small plans and made-up results.</summary>
internal static class TestTrials
{
    public static string[] Ids(int count) => [.. Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    public static TrialPlan Plan(string unlearner = "EU", int rows = 20, int trials = 10, double forgetShare = 0.3, long seed = 1) =>
        TrialPlanner.Plan(unlearner, Context(), Ids(rows), trials, forgetShare, seed);

    public static TrialContext Context(string hash = "context", string recipe = "none") => new(hash, [new("rows", "20"), new("recipe", recipe)]);

    /// <summary>A failure that trying again would not change, or would.</summary>
    public static TrialFailure Failure(TrialSpec spec, bool isTransient = false) => new(spec.Id, spec.Unlearner, "InvalidDataException: no such batch", isTransient, 1);

    /// <summary>A result that depends on the spec alone.</summary>
    public static TrialResult Result(TrialSpec spec, double seconds = 1)
    {
        var random = new Random((int)(spec.Seed & int.MaxValue));
        RowOutcome[] outcomes = [.. spec.ForgetIds.Select(id => new RowOutcome(id, random.NextDouble(), random.NextDouble()))];
        return new TrialResult(spec.Id, outcomes, random.NextDouble(), spec.Index % 2 == 0 ? random.NextDouble() : null, seconds);
    }

    public static void AssertSame(TrialResult expected, TrialResult actual) => Assert.Equal(Bits(expected), Bits(actual));

    /// <summary>A result, every number bit for bit.</summary>
    public static IEnumerable<string> Bits(TrialResult result) =>
    [
        result.TrialId,
        .. result.Outcomes.Select(outcome => $"{outcome.RowId} {BitConverter.DoubleToInt64Bits(outcome.ConfidenceBefore)} {BitConverter.DoubleToInt64Bits(outcome.ConfidenceAfter)}"),
        $"{BitConverter.DoubleToInt64Bits(result.RetainedAccuracy)}",
        result.TestAccuracy is { } accuracy ? $"{BitConverter.DoubleToInt64Bits(accuracy)}" : "none",
        $"{BitConverter.DoubleToInt64Bits(result.Seconds)}",
    ];

    /// <summary>The trials of a plan that have a result.</summary>
    public static IReadOnlySet<string> Finished(this ITrialLedger ledger, TrialPlan plan) =>
        ledger.Read([.. plan.Trials.Select(trial => trial.Id)]).Results.Select(result => result.TrialId).ToHashSet(StringComparer.Ordinal);

    public static TrialResult Read(this ITrialLedger ledger, TrialSpec trial) => Assert.Single(ledger.Read([trial.Id]).Results);
}
