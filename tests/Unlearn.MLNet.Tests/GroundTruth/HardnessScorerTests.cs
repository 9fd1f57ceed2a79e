using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Tests.Trials;
using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.MLNet.Tests.GroundTruth;

public sealed class HardnessScorerTests
{
    private static readonly string[] Ids = TestTrials.Ids(20);
    private static readonly TrialPlan Exact = TestTrials.Plan("EU", trials: 40);
    private static readonly TrialPlan Tuned = TestTrials.Plan("FT", trials: 40);

    [Fact]
    public void ScoresAreThoseOfTheTrialsThatHaveAResult()
    {
        var exact = Run(Exact, failed: trial => trial.Index % 5 == 0);
        var tuned = Run(Tuned, failed: trial => trial.Index == 3);
        var scores = HardnessScorer.Score(Ids, [new() { Unlearner = new ExactRetraining(), Plan = Exact, Run = exact }, new() { Unlearner = new FineTuning(), Plan = Tuned, Run = tuned }]);
        for (var row = 0; row < Ids.Length; row++)
        {
            Assert.Equal(Outcomes(exact, row).Average(outcome => outcome.ConfidenceBefore - outcome.ConfidenceAfter), scores[0].All[row], 1e-12);
            var retrained = Outcomes(exact, row).Average(outcome => outcome.ConfidenceAfter);
            Assert.Equal(Outcomes(tuned, row).Average(outcome => Math.Abs(outcome.ConfidenceAfter - retrained)), scores[1].All[row], 1e-12);
        }
    }

    [Fact]
    public void HalvesShareNothingThoughTrialsAreMissing()
    {
        var run = Run(Exact, failed: trial => trial.Index == 2);
        var ofHalf = Exact.Trials.Where(trial => trial.Half == 1).Select(trial => trial.Id).ToHashSet();
        var half = new TrialRun { Results = [.. run.Results.Where(result => ofHalf.Contains(result.TrialId))], Failures = [] };
        var score = Assert.Single(HardnessScorer.Score(Ids, [new() { Unlearner = new ExactRetraining(), Plan = Exact, Run = run }]));
        for (var row = 0; row < Ids.Length; row++)
            Assert.Equal(Outcomes(half, row).Average(outcome => outcome.ConfidenceBefore - outcome.ConfidenceAfter), score.Halves[1][row], 1e-12);
        var fewest = Exact.Trials.Where(trial => trial.Index != 2).GroupBy(trial => trial.Half).Min(ofHalf => Ids.Min(id => ofHalf.Count(trial => trial.ForgetIds.Contains(id))));
        Assert.Equal(fewest, score.FewestTrials);
    }

    [Fact]
    public void ARowWithoutAnOutcomeInAHalfIsAnErrorThatSaysWhatFailedAndWhy()
    {
        var run = Run(Exact, failed: trial => trial.Half == 1 && trial.ForgetIds.Contains("7"));
        var message = Assert.Throws<InvalidOperationException>(() => HardnessScorer.Score(Ids, [new() { Unlearner = new ExactRetraining(), Plan = Exact, Run = run }])).Message;
        Assert.Contains("No trial of EU in half 1 has an outcome of row '7'", message, StringComparison.Ordinal);
        Assert.Contains($"{run.Failures.Count} of 40 trials of EU failed: InvalidDataException: no such batch", message, StringComparison.Ordinal);
    }

    [Fact]
    public void APlanThatForgetsTooFewRowsIsAnErrorThatAsksForMore()
    {
        var plan = TestTrials.Plan(trials: 4);
        Assert.Contains("Plan more trials", Assert.Throws<InvalidOperationException>(() => HardnessScorer.Score(Ids, [new() { Unlearner = new ExactRetraining(), Plan = plan, Run = Run(plan, _ => false) }])).Message, StringComparison.Ordinal);
    }

    private static TrialRun Run(TrialPlan plan, Func<TrialSpec, bool> failed) => new()
    {
        Results = [.. plan.Trials.Where(trial => !failed(trial)).Select(trial => TestTrials.Result(trial))],
        Failures = [.. plan.Trials.Where(failed).Select(trial => TestTrials.Failure(trial))],
    };

    private static IEnumerable<RowOutcome> Outcomes(TrialRun run, int row) => run.Results.SelectMany(result => result.Outcomes).Where(outcome => outcome.RowId == Ids[row]);
}
