using System.Globalization;
using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;

namespace Unlearn.MLNet.Tests.Trials;

/// <summary>Small plans and made-up results.</summary>
internal static partial class TestTrials
{
    public static string[] Ids(int count) => [.. Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    public static TrialPlan Plan(string unlearner = "EU", int rows = 20, int trials = 10, double forgetShare = 0.3, long seed = 1) =>
        TrialPlanner.Plan(unlearner, Context(), Ids(rows), trials, forgetShare, seed);

    public static TrialContext Context(string hash = "context", string recipe = "none") => new(hash, [new("rows", "20"), new("recipe", recipe)]);

    /// <summary>A failure that trying again would not change, or would.</summary>
    public static TrialFailure Failure(TrialSpec spec, bool isTransient = false) =>
        new() { TrialId = spec.Id, Unlearner = spec.Unlearner, Reason = "InvalidDataException: no such batch", IsTransient = isTransient, Attempts = 1 };

    /// <summary>A result that depends on the spec alone.</summary>
    public static TrialResult Result(TrialSpec spec, double seconds = 1)
    {
        var random = new Random((int)(spec.Seed & int.MaxValue));
        RowOutcome[] outcomes =
        [
            .. spec.ForgetIds.Select(id => new RowOutcome { RowId = id, ConfidenceBefore = random.NextDouble(), ConfidenceAfter = random.NextDouble() }),
        ];
        return new TrialResult
        {
            TrialId = spec.Id,
            Outcomes = outcomes,
            RetainedAccuracy = random.NextDouble(),
            TestAccuracy = spec.Index % 2 == 0 ? random.NextDouble() : null,
            Seconds = seconds,
        };
    }

    /// <summary>The same with everything that a trial can measure.</summary>
    public static TrialResult FullResult(TrialSpec spec)
    {
        var result = Result(spec);
        var random = new Random((int)(spec.Seed & int.MaxValue) / 2);
        const int Steps = 20;
        var measured = Enumerable.Range(1, Steps).Count(StepTrace.IsMeasured);
        return result with
        {
            Outcomes = [.. result.Outcomes.Select((outcome, row) =>
                outcome with { LogitConfidenceAfter = random.NextDouble() * 20 - 10, ChangedNeighbors = row % 3 == 0 ? null : random.NextDouble() })],
            CpuSeconds = random.NextDouble(),
            RetainedAccuracyBefore = random.NextDouble(),
            TestAccuracyBefore = result.TestAccuracy is null ? null : random.NextDouble(),
            ChangedPredictions = random.NextDouble(),
            ParameterShift = random.NextDouble(),
            PreparationSeconds = spec.Index % 3 == 0 ? null : random.NextDouble(),
            Steps = new(Steps, [.. Enumerable.Range(0, measured * result.Outcomes.Count).Select(_ => random.NextSingle())]),
            AllLogitConfidences = [.. Enumerable.Range(0, 20).Select(_ => random.NextSingle() * 20 - 10)],
            ShardDisplacements = [.. Enumerable.Range(0, 20).Select(_ => random.NextSingle() * 2 - 1)],
        };
    }

    /// <summary>The same with ψ = log(p_y / (1 − p_y)) of its rows, as every trial of today measures it.</summary>
    public static TrialResult WithLogits(TrialResult result) => result with
    {
        Outcomes =
            [.. result.Outcomes.Select(outcome => outcome with { LogitConfidenceAfter = Math.Log(outcome.ConfidenceAfter / (1 - outcome.ConfidenceAfter)) })],
    };

    /// <summary>A result, every number bit for bit.</summary>
    public static IEnumerable<string> Bits(TrialResult result) =>
    [
        result.TrialId,
        .. result.Outcomes.Select(outcome => $"{outcome.RowId} {Bits(outcome.ConfidenceBefore)} {Bits(outcome.ConfidenceAfter)} "
            + $"{Bits(outcome.LogitConfidenceAfter)} {Bits(outcome.ChangedNeighbors)}"),
        .. new[]
        {
            result.RetainedAccuracy, result.TestAccuracy, result.Seconds, result.CpuSeconds, result.RetainedAccuracyBefore,
            result.TestAccuracyBefore, result.ChangedPredictions, result.ParameterShift, result.PreparationSeconds, result.Steps?.Count,
        }.Select(Bits),
        .. (result.Steps?.Confidences ?? []).Concat(result.AllLogitConfidences ?? []).Concat(result.ShardDisplacements ?? []).Select(value => Bits(value)),
    ];

    private static string Bits(double? number) => number is { } value ? $"{BitConverter.DoubleToInt64Bits(value)}" : "none";

    /// <summary>The trials of a plan that have a result.</summary>
    public static IReadOnlySet<string> Finished(this ITrialLedger ledger, TrialPlan plan) =>
        ledger.Read([.. plan.Trials.Select(trial => trial.Id)]).Results.Select(result => result.TrialId).ToHashSet(StringComparer.Ordinal);
}
