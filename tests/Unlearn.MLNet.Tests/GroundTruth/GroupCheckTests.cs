using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Statistics;
using Unlearn.MLNet.Tests.Trials;
using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.MLNet.Tests.GroundTruth;

/// <summary>Single-row trials of made-up results, against the same worked out row by row.</summary>
public sealed class GroupCheckTests
{
    private static readonly string[] Ids = TestTrials.Ids(20);
    private static readonly UnlearnerRun[] Groups =
    [
        Group(new FineTuning(), TestTrials.Plan("FT", trials: 40)),
        Group(new ExactRetraining(), TestTrials.Plan("EU", trials: 40)),
    ];

    private TrialPlan[] _plans = [];
    private TrialRun _results = new() { Results = [], Failures = [] };

    [Fact]
    public async Task Scores_of_rows_from_the_easiest_to_the_hardest_are_compared_across_halves()
    {
        var check = await CheckAsync("EU");
        // The middle one of each fifth of the rows, in the order of the rows.
        int[] byScore = [.. Enumerable.Range(0, 20).OrderBy(row => Displacement(Groups[1].Run, row, null))];
        int[] rows = [.. new[] { byScore[2], byScore[6], byScore[10], byScore[14], byScore[18] }.Order()];
        var plan = Assert.Single(_plans);
        Assert.Equal((5 * 2 * 3, "EU"), (plan.Trials.Count, plan.Unlearner));
        Assert.All(plan.Trials, trial => Assert.Single(trial.ForgetIds));
        Assert.Equal(rows.Select(row => Ids[row]), check.RowIds);
        Assert.Equal("EU", check.Unlearner);

        double[] Of(TrialRun run, int? half) => [.. rows.Select(row => Displacement(run, row, half))];
        var (group, single) = (Groups[1].Run, _results);
        AssertEqual(Of(group, null), check.GroupScores);
        AssertEqual(Of(single, null), check.SingleRowScores);
        for (var half = 0; half < 2; half++)
            AssertEqual(Of(single, half), check.SingleRowHalves[half]);
        Assert.Equal(RankStatistics.Spearman(Of(group, null), Of(single, null)), check.Spearman);
        Assert.Equal(RankStatistics.Spearman(Of(group, 0), Of(group, 1)), check.GroupReliability);
        Assert.Equal(RankStatistics.Spearman(Of(single, 0), Of(single, 1)), check.SingleRowReliability);
        var across = RankStatistics.Spearman(Of(group, 0), Of(single, 1)) + RankStatistics.Spearman(Of(group, 1), Of(single, 0));
        Assert.Equal(across / 2, check.SpearmanAcrossHalves, 1e-12);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 3)]
    public async Task An_approximate_unlearner_is_judged_by_retrainings_without_the_same_row_alone(int repetitions, int ofPool)
    {
        var check = await CheckAsync("FT", repetitions: repetitions);
        Assert.Equal([("EU", 5 * 2 * ofPool), ("FT", 5 * 2 * repetitions)], _plans.Select(plan => (plan.Unlearner, plan.Trials.Count)));
        UnlearnerRun[] runs =
        [
            new() { Unlearner = new ExactRetraining(), Plan = _plans[0], Run = _results.Of(_plans[0]) },
            new() { Unlearner = new FineTuning(), Plan = _plans[1], Run = _results.Of(_plans[1]) },
        ];
        var memory = OutcomeTable.Of(Ids, runs)[1].Column(Outcome.ResidualMemory).Means;
        AssertEqual(check.RowIds.Select(id => memory[Array.IndexOf(Ids, id)]), check.SingleRowScores);
    }

    [Fact]
    public async Task A_row_whose_trials_all_failed_in_a_half_is_left_out()
    {
        var all = (await CheckAsync("EU")).RowIds;
        var check = await CheckAsync("EU", failed: trial => trial.Half == 1 && trial.ForgetIds.Contains(all[1]));
        Assert.Equal(all.Where((_, i) => i != 1), check.RowIds);
        Assert.All([check.GroupScores, check.SingleRowScores, .. check.SingleRowHalves], scores => Assert.Equal(4, scores.Count));
        Assert.Equal(3, (await CheckAsync("EU", failed: trial => trial.ForgetIds.Contains(all[1]) || trial.ForgetIds.Contains(all[4]))).RowIds.Count);
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => CheckAsync("EU", failed: trial => trial.Half == 0 && trial.ForgetIds[0] != all[1] && trial.ForgetIds[0] != all[2]));
        Assert.Contains(
            "Only 2 of 5 rows have an outcome in both halves of the single-row trials of EU. 9 of 30 trials", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EU", 2)]
    [InlineData("EU", 21)]
    [InlineData("SISA", 5)]
    public async Task What_cannot_be_checked_is_refused_before_any_trial(string unlearner, int rows)
    {
        await Assert.ThrowsAsync<ArgumentException>(rows == 5 ? "unlearner" : "rows", () => CheckAsync(unlearner, rows));
        Assert.Empty(_plans);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    public async Task As_few_rows_as_three_and_as_many_as_all_can_be_checked(int rows) => Assert.Equal(rows, (await CheckAsync("EU", rows)).RowIds.Count);

    [Theory]
    [InlineData(0.5, 0.8, 0.3, 0.3 / 0.632455532)]
    [InlineData(0, 0.8, 0.3, double.NaN)]
    [InlineData(0.5, -0.1, 0.3, double.NaN)]
    public void Noise_is_taken_out_of_the_agreement_by_both_reliabilities(double ofGroups, double ofRows, double across, double expected) =>
        Assert.Equal(expected, new SingleRowResult
        {
            Unlearner = "EU",
            RowIds = [],
            GroupScores = [],
            SingleRowScores = [],
            Spearman = 0,
            GroupReliability = ofGroups,
            SingleRowReliability = ofRows,
            SpearmanAcrossHalves = across,
        }.SpearmanWithoutNoise, 1e-9);

    private Task<SingleRowResult> CheckAsync(string unlearner, int rows = 5, int repetitions = 3, Func<TrialSpec, bool>? failed = null) =>
        GroupCheck.RunAsync(
            (plans, _, _) =>
            {
                _plans = [.. plans];
                _results = Run(plans.SelectMany(plan => plan.Trials), failed ?? (_ => false));
                return Task.FromResult(_results);
            },
            Ids, Groups, unlearner, rows, repetitions, seed: 5, cancellationToken: TestContext.Current.CancellationToken);

    private static UnlearnerRun Group(IUnlearner unlearner, TrialPlan plan) => new() { Unlearner = unlearner, Plan = plan, Run = Run(plan.Trials, _ => false) };

    private static TrialRun Run(IEnumerable<TrialSpec> trials, Func<TrialSpec, bool> failed) => new()
    {
        Results =
        [
            .. trials.Where(trial => !failed(trial)).Select(trial => TestTrials.WithLogits(TestTrials.Result(trial) with { TestAccuracy = trial.Half })),
        ],
        Failures = [.. trials.Where(failed).Select(trial => TestTrials.Failure(trial))],
    };

    // The made-up test accuracy tells the half.
    private static double Displacement(TrialRun run, int row, int? half) => run.Results
        .Where(result => half is null || result.TestAccuracy == half).SelectMany(result => result.Outcomes).Where(outcome => outcome.RowId == Ids[row])
        .Average(outcome => outcome.ConfidenceBefore - outcome.ConfidenceAfter);

    private static void AssertEqual(IEnumerable<double> expected, IEnumerable<double> actual) =>
        Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < 1e-12);
}
