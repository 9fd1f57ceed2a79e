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
        var scores = HardnessScorer.Score(
            Ids, [new() { Unlearner = new ExactRetraining(), Plan = Exact, Run = exact }, new() { Unlearner = new FineTuning(), Plan = Tuned, Run = tuned }]);
        var meanVariance = Ids.Select((_, row) => Variance(Logits(exact, row))).Average();
        for (var row = 0; row < Ids.Length; row++)
        {
            Assert.Equal(Outcomes(exact, row).Average(outcome => outcome.ConfidenceBefore - outcome.ConfidenceAfter), scores[0].All[row], 1e-12);
            var retrained = Logits(exact, row);
            var deviation = Math.Sqrt((retrained.Length * Variance(retrained) + 8 * meanVariance) / (retrained.Length + 8));
            Assert.Equal(Logits(tuned, row).Average(logit => Math.Max(0, (logit - retrained.Average()) / deviation)), scores[1].All[row], 1e-9);
        }
        Assert.Equal([Outcome.Displacement, Outcome.ResidualMemory], scores.Select(score => score.Outcome!.Value));
    }

    // Doing nothing leaves what the target itself remembers, against the same retrained models.
    [Fact]
    public void Doing_nothing_is_scored_from_the_target_itself()
    {
        UnlearnerRun[] runs =
        [
            new() { Unlearner = new ExactRetraining(), Plan = Exact, Run = Run(Exact, _ => false) },
            new() { Unlearner = new FineTuning(), Plan = Tuned, Run = Run(Tuned, _ => false) },
        ];
        float[] target = [.. Ids.Select((_, row) => row / 4f - 2)];
        var scores = HardnessScorer.Score(Ids, runs, target);
        Assert.Null(scores[0].Nothing);
        var nothing = scores[1].Nothing!;
        for (var half = 0; half < 2; half++)
        {
            var ofHalf = Exact.Trials.Where(trial => trial.Half == half).Select(trial => trial.Id).ToHashSet();
            var pool = new TrialRun { Results = [.. runs[0].Run.Results.Where(result => ofHalf.Contains(result.TrialId))], Failures = [] };
            var meanVariance = Ids.Select((_, row) => Variance(Logits(pool, row))).Average();
            for (var row = 0; row < Ids.Length; row++)
            {
                var retrained = Logits(pool, row);
                var deviation = Math.Sqrt((retrained.Length * Variance(retrained) + 8 * meanVariance) / (retrained.Length + 8));
                Assert.Equal(Math.Max(0, (target[row] - retrained.Average()) / deviation), nothing.Halves[half][row], 1e-9);
            }
        }
    }

    // Draws of the bootstrap spread around the halves' scores, and the same draw is the same.
    [Fact]
    public void Scores_can_be_drawn_anew()
    {
        var score = Assert.Single(HardnessScorer.Score(Ids, [new() { Unlearner = new ExactRetraining(), Plan = Exact, Run = Run(Exact, _ => false) }]));
        Assert.Equal(score.Resample!(3)[1], score.Resample(3)[1]);
        Assert.NotEqual(score.Resample(3)[1], score.Resample(4)[1]);
        var draws = Enumerable.Range(0, 200).Select(draw => score.Resample(draw)).ToList();
        for (var half = 0; half < 2; half++)
            for (var row = 0; row < Ids.Length; row++)
                Assert.Equal(score.Halves[half][row], draws.Average(draw => draw[half][row]), 0.1);
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
        var fewest = Exact.Trials
            .Where(trial => trial.Index != 2)
            .GroupBy(trial => trial.Half)
            .Min(ofHalf => Ids.Min(id => ofHalf.Count(trial => trial.ForgetIds.Contains(id))));
        Assert.Equal(fewest, score.FewestTrials);
    }

    [Fact]
    public void ARowWithoutAnOutcomeInAHalfIsAnErrorThatSaysWhatFailedAndWhy()
    {
        var run = Run(Exact, failed: trial => trial.Half == 1 && trial.ForgetIds.Contains("7"));
        var message = Assert.Throws<InvalidOperationException>(
            () => HardnessScorer.Score(Ids, [new() { Unlearner = new ExactRetraining(), Plan = Exact, Run = run }])).Message;
        Assert.Contains("No trial of EU in half 1 has an outcome of row '7'", message, StringComparison.Ordinal);
        Assert.Contains($"{run.Failures.Count} of 40 trials of EU failed: InvalidDataException: no such batch", message, StringComparison.Ordinal);
    }

    [Fact]
    public void APlanThatForgetsTooFewRowsIsAnErrorThatAsksForMore()
    {
        var plan = TestTrials.Plan(trials: 4);
        Assert.Contains("Plan more trials", Assert.Throws<InvalidOperationException>(() => HardnessScorer.Score(
            Ids, [new() { Unlearner = new ExactRetraining(), Plan = plan, Run = Run(plan, _ => false) }])).Message, StringComparison.Ordinal);
    }

    private static TrialRun Run(TrialPlan plan, Func<TrialSpec, bool> failed) => new()
    {
        Results = [.. plan.Trials.Where(trial => !failed(trial)).Select(trial => TestTrials.WithLogits(TestTrials.Result(trial)))],
        Failures = [.. plan.Trials.Where(failed).Select(trial => TestTrials.Failure(trial))],
    };

    private static double[] Logits(TrialRun run, int row) => [.. Outcomes(run, row).Select(outcome => outcome.LogitConfidenceAfter!.Value)];

    private static double Variance(double[] values) => values.Sum(value => (value - values.Average()) * (value - values.Average())) / (values.Length - 1);

    private static IEnumerable<RowOutcome> Outcomes(TrialRun run, int row) =>
        run.Results.SelectMany(result => result.Outcomes).Where(outcome => outcome.RowId == Ids[row]);
}
