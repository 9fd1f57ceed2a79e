using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Reports;
using Unlearn.MLNet.Studies;
using Unlearn.MLNet.Unlearners;
using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

public sealed class SingleRowStudyTests
{
    [Fact]
    public async Task SingleRowsAndGroupsHaveTheSameOutcomesInOneLedger()
    {
        using var folder = new TemporaryFolder();
        using var rows = TinyStudy.Rows(120);
        using var testRows = TinyStudy.Rows(60, seed: 2);
        var options = TinyStudy.Options(folder.Path, workers: 2) with { Unlearners = [new(new ExactRetraining(), 14, 0.3), UnlearnerPlan.SingleRows(new GradientAscent(), 2)] };
        var study = await new HardnessStudy(options).RunAsync(rows, testRows, cancellationToken: TestContext.Current.CancellationToken);
        StudyFiles.Write(folder.Path, study);

        Assert.Equal(240, study.Unlearners[1].Trials);
        var outcomes = study.Unlearners[1].SummarizeOutcomes().ToDictionary(summary => summary.Outcome);
        Assert.Equal(Enum.GetValues<Outcome>(), outcomes.Keys.Order());
        Assert.All(outcomes.Values, summary => Assert.Equal(120, summary.Rows));
        Assert.Equal(1, outcomes[Outcome.RetrainGap].Spearman, 1e-12);
        Assert.InRange(outcomes[Outcome.StepsToForget].Mean, 0, 5);
        Assert.Equal(Enum.GetValues<Outcome>().Except([Outcome.StepsToForget]), study.Unlearners[0].Outcomes.Select(column => column.Outcome));
        Assert.True(study.Unlearners[1].CpuSecondsPerTrial > 0);
        var header = (await File.ReadAllLinesAsync(Path.Combine(folder.Path, StudyFiles.Outcomes), TestContext.Current.CancellationToken))[0].Split(',');
        Assert.Contains("GA_StepsToForgetCensored", header);
        Assert.Contains("EU_MembershipResistanceError", header);
        Assert.Contains("Membership probability after unlearning", await File.ReadAllTextAsync(Path.Combine(folder.Path, StudyFiles.Report), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
