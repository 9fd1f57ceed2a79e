using System.Text.Json;
using Unlearn.MLNet.Statistics;
using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

public sealed class SingleRowStudyTests
{
    [Fact]
    public async Task EveryOutcomeIsMeasuredAndWritten()
    {
        using var folder = new TemporaryFolder();
        using var rows = TinyStudy.Rows(120);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        var options = TinyStudy.Options(folder.Path, workers: 2) with
        {
            Unlearners = [new() { Unlearner = new ExactRetraining(), Trials = 14 }, new() { Unlearner = new GradientAscent(), Trials = 20 }],
        };
        var study = await new HardnessStudy(options).RunAsync(rows, testRows, cancellationToken: TestContext.Current.CancellationToken);
        StudyFiles.Write(folder.Path, study);

        var outcomes = study.Unlearners[1].Outcomes.ToDictionary(column => column.Outcome);
        Assert.Equal(Enum.GetValues<Outcome>().Except([Outcome.ShardDisplacement]), outcomes.Keys.Order());
        Assert.All(outcomes.Values.Where(summary => summary.Outcome != Outcome.ResidualShare), summary => Assert.Equal(120, summary.Rows));
        Assert.InRange(outcomes[Outcome.ResidualShare].Rows, 1, 120);
        Assert.Equal(1, outcomes[Outcome.ResidualMemory].SpearmanWith(study.Unlearners[1].Scores), 1e-12);
        Assert.InRange(outcomes[Outcome.StepsToForget].Mean, 0, 5);
        Assert.Equal(Enum.GetValues<Outcome>().Except([Outcome.StepsToForget, Outcome.ShardDisplacement, Outcome.ResidualShare, Outcome.UnlearningLira]),
            study.Unlearners[0].Outcomes.Select(column => column.Outcome));
        Assert.True(study.Unlearners[1].CpuSecondsPerTrial > 0);
        var header = (await File.ReadAllLinesAsync(Path.Combine(folder.Path, StudyFiles.Outcomes), TestContext.Current.CancellationToken))[0].Split(',');
        Assert.Contains("GA_StepsToForgetCensored", header);
        Assert.Contains("EU_MembershipResistanceError", header);
        Assert.Contains("Membership probability after unlearning",
            await File.ReadAllTextAsync(Path.Combine(folder.Path, StudyFiles.Report), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Single_rows_are_judged_by_models_that_lack_the_same_row_alone()
    {
        using var folder = new TemporaryFolder();
        using var rows = TinyStudy.Rows(60);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        UnlearnerPlan[] plans = [UnlearnerPlan.SingleRows(new ExactRetraining(), 4), UnlearnerPlan.SingleRows(new GradientAscent(), 2)];
        var study = await new HardnessStudy(TinyStudy.Options(folder.Path, workers: 2) with { Unlearners = plans }).RunAsync(
            rows, testRows, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([240, 120], study.Unlearners.Select(unlearner => unlearner.Trials));
        Assert.DoesNotContain(double.NaN, study.Unlearners[1].Scores);
    }

    [Theory]
    [InlineData(
        0.1, "FT forgets 0.1 of the rows, but the retrain pool that judges it, EU, forgets 0.3 of the rows: give both plans the same forget share and mode.")]
    [InlineData(0, "FT forgets single rows, but the retrain pool that judges it, EU, forgets 0.3 of the rows: give both plans the same forget share and mode.")]
    public async Task A_pool_of_another_share_is_refused_before_anything_is_trained(double share, string expected)
    {
        using var folder = new TemporaryFolder();
        using var rows = TinyStudy.Rows(120);
        var tuned = share == 0 ? UnlearnerPlan.SingleRows(new FineTuning(), 2) : new() { Unlearner = new FineTuning(), Trials = 20, ForgetShare = share };
        var study = new HardnessStudy(
            TinyStudy.Options(folder.Path, workers: 1) with { Unlearners = [new() { Unlearner = new ExactRetraining(), Trials = 12 }, tuned] });
        Assert.Equal(expected,
            (await Assert.ThrowsAsync<ArgumentException>(() => study.RunAsync(rows, rows, cancellationToken: TestContext.Current.CancellationToken))).Message);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task AStudyThatRunsAgainMayCheckOtherSingleRows()
    {
        using var folder = new TemporaryFolder();
        using var rows = TinyStudy.Rows(120);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        foreach (var count in new[] { 50, 60 })
        {
            var options = TinyStudy.Options(folder.Path, workers: 2) with { SingleRows = new() { Unlearners = ["EU"], Rows = count } };
            var study = await new HardnessStudy(options).RunAsync(rows, testRows, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(count, Assert.Single(study.SingleRows).RowIds.Count);
        }
    }

    [Fact]
    public async Task SingleRowsAreComparedWithGroups()
    {
        using var folder = new TemporaryFolder();
        using var rows = TinyStudy.Rows(240);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        var options = TinyStudy.Options(folder.Path, workers: 2) with { SingleRows = new() { Unlearners = ["EU", "FT"], Rows = 60 } };
        var study = await new HardnessStudy(options).RunAsync(rows, testRows, cancellationToken: TestContext.Current.CancellationToken);
        StudyFiles.Write(folder.Path, study);

        Assert.Equal(["EU", "FT"], study.SingleRows.Select(single => single.Unlearner));
        Assert.All(study.SingleRows, single =>
        {
            Assert.Equal(60, single.RowIds.Count);
            Assert.InRange(single.Spearman, 0.2, 1);
            Assert.InRange(single.SpearmanAcrossHalves, 0, single.Spearman); // without the noise of a pool that both share
            Assert.InRange(single.Auc.Value, single.Auc.Low, single.Auc.High);
        });
        // The label of these rows' groups, from the same predictions, by hand.
        var eu = study.Unlearners[0];
        int[] checkedRows = [.. study.SingleRows[0].RowIds.Select(id => study.RowIds.ToList().IndexOf(id))];
        var hard = HardnessScores.Label([.. checkedRows.Select(row => eu.Scores[row])], 0.2);
        Assert.Equal(RankStatistics.Auc([.. checkedRows.Select(row => eu.Evaluation.Predictions[row])], hard), study.SingleRows[0].GroupAuc.Value, 1e-12);
        using var summary =
            JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder.Path, StudyFiles.Summary), TestContext.Current.CancellationToken));
        Assert.Equal(study.SingleRows[1].Spearman, summary.RootElement.GetProperty("singleRows")[1].GetProperty("spearman").GetDouble());
    }

    [Theory]
    [InlineData("EU", 40, "40 single rows were asked for: ask for at least 50, and at most the 120 that there are.")]
    [InlineData("EU", 121, "121 single rows were asked for: ask for at least 50, and at most the 120 that there are.")]
    [InlineData("SSD", 60, "SSD is to forget single rows, but the study has only EU, FT, SISA.")]
    public async Task BadChoicesOfSingleRowsAreRefusedBeforeAnythingIsTrained(string unlearner, int count, string expected)
    {
        using var folder = new TemporaryFolder();
        using var rows = TinyStudy.Rows(120);
        var study = new HardnessStudy(TinyStudy.Options(folder.Path, workers: 1) with { SingleRows = new() { Unlearners = [unlearner], Rows = count } });
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => study.RunAsync(rows, rows, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(expected, refusal.Message);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }
}
