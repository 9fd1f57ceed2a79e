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

    // The mean of 0.005 is below the smallest displacement that counts; of the rows with noise, the standard error is about 0.1.
    [Theory]
    [InlineData(0.005, 0, false)]
    [InlineData(0.015, 0, true)]
    [InlineData(0.05, 0.5, false)]
    [InlineData(0.4, 0.5, true)]
    [InlineData(-0.4, 0, false)]
    public void A_displacement_is_above_noise_where_it_exceeds_its_error_and_the_smallest_that_counts(double mean, double noise, bool isAbove)
    {
        var times = new int[Ids.Length];
        TrialResult Displaced(TrialResult result) => result with
        {
            Outcomes = [.. result.Outcomes.Select(outcome => outcome with
            {
                ConfidenceBefore = 0.5,
                ConfidenceAfter = 0.5 - mean - (times[Array.IndexOf(Ids, outcome.RowId)]++ % 2 == 0 ? noise : -noise),
            })],
        };
        var run = new TrialRun { Results = [.. Run(Exact, _ => false).Results.Select(Displaced)], Failures = [] };
        var score = Assert.Single(HardnessScorer.Score(Ids, [new() { Unlearner = new ExactRetraining(), Plan = Exact, Run = run }]));
        Assert.All(score.AboveNoise!, above => Assert.Equal(isAbove, above));
    }

    [Fact]
    public void A_residual_memory_is_above_noise_where_it_exceeds_what_19_of_20_retrained_models_show()
    {
        UnlearnerRun[] runs =
        [
            new() { Unlearner = new ExactRetraining(), Plan = Exact, Run = Run(Exact, _ => false) },
            new()
            {
                Unlearner = new FineTuning(),
                Plan = Tuned,
                Run = new() { Results = [.. Run(Tuned, _ => false).Results.Select(Remembers)], Failures = [] },
            },
        ];
        float[] target = [.. Ids.Select((_, row) => row / 4f - 2)];
        var scores = HardnessScorer.Score(Ids, runs, target);
        var (nothing, tolerance, retrained) = HardnessScorer.Baselines(Ids, runs, target);
        var own = OutcomeTable.Of(Ids, runs)[0].Values(Outcome.ResidualMemory).ToList();
        Assert.Equal(0.05, own.Count(memory => memory > tolerance) / (double)own.Count, 0.01);
        Assert.Equal(scores[1].All.Select(memory => memory > tolerance), scores[1].AboveNoise);
        Assert.Equal(scores[1].Nothing!.All.Select(memory => memory > tolerance), scores[1].Nothing!.AboveNoise);
        Assert.Equal(scores[1].Nothing!.All, nothing);
        Assert.All(Enumerable.Range(0, Ids.Length), row => Assert.Equal(Logits(runs[0].Run, row).Average(), retrained![row].Mean, 1e-9));
        Assert.Contains(true, scores[1].AboveNoise!);
        Assert.Contains(false, scores[1].AboveNoise!);

        // Without approximate unlearners there is nothing to compare with doing nothing; without retrained models there is no tolerance.
        Assert.Null(HardnessScorer.Baselines(Ids, runs[..1], target).Nothing);
        Assert.Null(HardnessScorer.Score(Ids, runs)[1].Nothing);
        var (_, without, normals) = HardnessScorer.Baselines(Ids, runs[1..], target);
        Assert.Equal((double.NaN, true), (without, normals is null));

        // Unlearned models stand out on the first five rows.
        static TrialResult Remembers(TrialResult result) => result with
        {
            Outcomes = [.. result.Outcomes.Select(outcome =>
                outcome with { LogitConfidenceAfter = outcome.LogitConfidenceAfter + (Array.IndexOf(Ids, outcome.RowId) < 5 ? 8 : 0) })],
        };
    }

    [Fact]
    public void Every_outcome_can_be_a_score_with_hard_rows_high()
    {
        UnlearnerRun[] runs = [new() { Unlearner = new ExactRetraining(), Plan = Exact, Run = Run(Exact, _ => false) }];
        runs[0] = runs[0] with { Run = new()
        {
            Results = [.. runs[0].Run.Results.Select(result => result with { RetainedAccuracyBefore = 1, TestAccuracy = 0.5, TestAccuracyBefore = 1 })],
            Failures = [],
        } };
        var tables = HardnessScorer.Tables(Ids, runs);
        foreach (var (outcome, sign) in new[] { (Outcome.HarmonicScore, -1), (Outcome.PostUnlearningConfidence, 1) })
        {
            var score = HardnessScorer.Score(Ids, runs, tables, 0, outcome);
            Assert.Equal((outcome, true), (score.Outcome!.Value, score.AboveNoise is null));
            Assert.Equal(tables[0][0].Column(outcome).Means.Select(mean => sign * mean), score.All);
            for (var half = 0; half < 2; half++)
                Assert.Equal(tables[half + 1][0].Column(outcome).Means.Select(mean => sign * mean), score.Halves[half]);
            Assert.All(score.Resample!(1)[0], value => Assert.True(sign * value > 0));
        }
    }

    // Of ten trials a half, ten draws often miss all three that forget a row.
    [Fact]
    public void A_row_that_no_drawn_trial_forgot_keeps_its_score()
    {
        var plan = TestTrials.Plan(trials: 20);
        var score = Assert.Single(HardnessScorer.Score(Ids, [new() { Unlearner = new ExactRetraining(), Plan = plan, Run = Run(plan, _ => false) }]));
        var draws = Enumerable.Range(0, 50).SelectMany(draw => score.Resample!(draw)[0].Select((drawn, row) => drawn == score.Halves[0][row])).ToList();
        Assert.InRange(draws.Count(isKept => isKept) / (double)draws.Count, 0.01, 0.2);
        Assert.DoesNotContain(double.NaN, Enumerable.Range(0, 50).SelectMany(draw => score.Resample!(draw).SelectMany(half => half)));
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
