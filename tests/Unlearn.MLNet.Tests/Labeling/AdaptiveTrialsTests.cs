using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Labeling;
using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Tests.Trials;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Unlearn.MLNet.Trials.Running;
using Xunit;

namespace Unlearn.MLNet.Tests.Labeling;

/// <summary>Made-up trials whose noise is known: more of them make surer labels.</summary>
public sealed class AdaptiveTrialsTests : IDisposable
{
    private static readonly string[] Ids = TestTrials.Ids(100);

    private readonly TemporaryFolder _folder = new();
    private int _trialsRun;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TrialsAreAddedUntilTheCeilingIsReached()
    {
        var result = await RunAsync(new() { CeilingGoal = 0.96 });
        Assert.Equal(StopReason.Goal, result.StoppedBy);
        Assert.True(result.Rounds[^1].Round > 1);
        Assert.All(result.Rounds.Where(round => round.Round == result.Rounds[^1].Round), round => Assert.True(round.Ceiling >= 0.96));
        Assert.True(result.Rounds.Single(round => round is { Round: 1, Unlearner: "FT" }).Ceiling < 0.96);
        Assert.Equal(Ceiling.Oracle(result.Scores[0], 0.2), result.Rounds[^2].Ceiling);
        Assert.Contains("every ceiling reached the goal of 0.96", result.Describe(), StringComparison.Ordinal);
        Assert.Equal(_trialsRun, result.Runs.Sum(run => run.Plan.Trials.Count));
    }

    [Fact]
    public async Task TheBudgetOfTrialsIsNotExceeded()
    {
        var result = await RunAsync(new() { CeilingGoal = 1, MaximumTrials = 60 });
        Assert.Equal(StopReason.Trials, result.StoppedBy);
        Assert.InRange(_trialsRun, 40, 60);
        Assert.Contains("more than 60 trials", result.Describe(), StringComparison.Ordinal);
    }

    // A trial takes 2 s by the clock, of which it unlearns for 1 s.
    [Fact]
    public async Task TheTimeIsThatOfTheClockMeasuringIncluded()
    {
        var time = new ManualTime();
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        var runner = new TrialRunner(ledger, new InProcessTrialExecutor(1), TimeProvider.System);
        var result = await Run(TimeSpan.FromSeconds(150));
        Assert.Equal(StopReason.Time, result.StoppedBy);
        Assert.InRange(time.GetUtcNow().ToUnixTimeSeconds(), 80, 150);
        Assert.Equal(2 * result.Seconds, time.GetUtcNow().ToUnixTimeSeconds());
        Assert.True(result.Seconds + 20 < 150, "by the seconds of unlearning alone there was time for another round");

        _trialsRun = 0;
        var resumed = await Run(TimeSpan.FromSeconds(150));
        Assert.True(resumed.Rounds[^1].Round > result.Rounds[^1].Round);
        Assert.InRange(_trialsRun, 1, 75);

        Task<AdaptiveResult> Run(TimeSpan maximum) => new AdaptiveTrials(
            (plans, progress, cancellationToken) => runner.RunAsync(plans, (spec, _) =>
            {
                time.Advance(TimeSpan.FromSeconds(2));
                return Trial(spec, flat: false);
            }, progress, cancellationToken),
            new() { CeilingGoal = 1, MaximumTime = maximum }, time).RunAsync(
                Ids, Plans(20), _ => TestTrials.Context(), seed: 1, cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AResumedRunRunsNothingAgainAndStopsAtTheSamePlace()
    {
        var first = await RunAsync(new() { CeilingGoal = 0.96 });
        _trialsRun = 0;
        var second = await RunAsync(new() { CeilingGoal = 0.96 });
        Assert.Equal(0, _trialsRun);
        Assert.Equal(first.Rounds, second.Rounds);
        Assert.Equal(first.Describe(), second.Describe());
    }

    [Fact]
    public async Task AFirstRoundThatCannotDoIsRefusedBeforeAnyTrial()
    {
        Assert.Contains("The first round takes 40 trials", (await Assert.ThrowsAsync<ArgumentException>(() => RunAsync(new() { MaximumTrials = 39 }))).Message,
            StringComparison.Ordinal);
        Assert.Contains("leave rows out", (await Assert.ThrowsAsync<ArgumentException>(() => RunAsync(new(), trials: 4))).Message, StringComparison.Ordinal);
        Assert.Contains("0.5", (await Assert.ThrowsAsync<ArgumentException>(() => RunAsync(new() { CeilingGoal = 0.5 }))).Message, StringComparison.Ordinal);
        Assert.Equal(0, _trialsRun);
    }

    [Fact]
    public async Task GroupsAreCheckedAgainstSingleRows()
    {
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        var runner = Runner(ledger, new() { AllowOtherPlans = true });
        var groups = await new AdaptiveTrials(On(runner), new() { CeilingGoal = 0.96 }).RunAsync(
            Ids, Plans(20), _ => TestTrials.Context(), 1, cancellationToken: TestContext.Current.CancellationToken);
        var check = await GroupCheck.RunAsync(
            On(runner), Ids, groups.Runs, "FT", rows: 25, repetitions: 10, seed: 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(25, check.RowIds.Count);
        Assert.InRange(check.Spearman, 0.8, 1);
        Assert.InRange(check.SingleRowReliability, 0.5, 1);

        // Alone every row is as hard as any other: the check must see it.
        var differs = await GroupCheck.RunAsync(
            On(runner, flat: true), Ids, groups.Runs, "EU", rows: 25, repetitions: 4, seed: 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(differs.Spearman, -0.6, 0.6);
        Assert.True(differs.GroupReliability > 0.6);

        // A row without an outcome in a half is left out.
        var lost = await GroupCheck.RunAsync(async (plans, progress, cancellationToken) => await On(runner)(plans, progress, cancellationToken) is var run
            ? run with { Results = [.. run.Results.SkipLast(1)] }
            : null!,
            Ids, groups.Runs, "FT", rows: 25, repetitions: 1, seed: 2, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(24, lost.RowIds.Count);
        Assert.All([lost.GroupScores, lost.SingleRowScores, .. lost.SingleRowHalves], scores => Assert.Equal(24, scores.Count(double.IsFinite)));
    }

    private async Task<AdaptiveResult> RunAsync(AdaptiveOptions options, int trials = 20)
    {
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        return await new AdaptiveTrials(On(Runner(ledger)), options).RunAsync(
            Ids, Plans(trials), _ => TestTrials.Context(), seed: 1, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static UnlearnerPlan[] Plans(int trials) =>
    [
        new() { Unlearner = new ExactRetraining(), Trials = trials, ForgetShare = 0.3 },
        new() { Unlearner = new FineTuning(), Trials = trials, ForgetShare = 0.3 },
    ];

    private static TrialRunner Runner(SqliteTrialLedger ledger, TrialRunnerOptions? options = null) =>
        new(ledger, new InProcessTrialExecutor(2), TimeProvider.System, options);

    private Func<IReadOnlyList<TrialPlan>, IProgress<TrialProgress>?, CancellationToken, Task<TrialRun>> On(TrialRunner runner, bool flat = false) =>
        (plans, progress, cancellationToken) => runner.RunAsync(plans, (spec, _) => Trial(spec, flat), progress, cancellationToken);

    /// <summary>Row i is forgotten to 1 − i / 100, half of that by fine-tuning, and every trial is off by up to 0.3.</summary>
    private TrialResult Trial(TrialSpec spec, bool flat)
    {
        Interlocked.Increment(ref _trialsRun);
        var random = new Random((int)(spec.Seed & int.MaxValue));
        return new()
        {
            TrialId = spec.Id,
            Outcomes = [.. spec.ForgetIds
                .Select(id => Row(id, After(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)) + (random.NextDouble() - 0.5) * 0.6))],
            RetainedAccuracy = 0.9,
            TestAccuracy = null,
            Seconds = 1,
        };

        // ψ need not be the log-odds here: it is only compared with other models' ψ.
        static RowOutcome Row(string id, double after) =>
            new() { RowId = id, ConfidenceBefore = 1, ConfidenceAfter = after, LogitConfidenceAfter = 10 * after };

        double After(int row) => flat ? 0.5 : spec.Unlearner == "EU" ? 1 - row / 100.0 : 1 - row / 200.0;
    }
}
