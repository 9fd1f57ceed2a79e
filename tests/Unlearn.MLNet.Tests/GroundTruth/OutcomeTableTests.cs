using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Tests.Trials;
using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.MLNet.Tests.GroundTruth;

/// <summary>Outcomes of made-up trials, against the same worked out row by row.</summary>
public sealed class OutcomeTableTests
{
    private const double Before = 0.95;
    private const int Steps = 10;

    private static readonly string[] Ids = TestTrials.Ids(12);
    private static readonly TrialPlan Exact = TestTrials.Plan("EU", rows: 12, trials: 24);
    private static readonly TrialPlan Tuned = TestTrials.Plan("FT", rows: 12, trials: 24, forgetShare: 0.25);
    private static readonly UnlearnerRun[] Runs =
    [
        new() { Unlearner = new ExactRetraining(), Plan = Exact, Run = Run(Exact, true) },
        new() { Unlearner = new FineTuning(), Plan = Tuned, Run = Run(Tuned, false) },
    ];

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(1)]
    public void ApproximateOutcomesAreMeansOverTrialsAgainstTheRetrainPoolOfTheHalf(int? half)
    {
        var table = OutcomeTable.Of(Ids, Runs, half)[1];
        for (var row = 0; row < Ids.Length; row++)
        {
            var pool = Outcomes(0, row, half).Select(trial => trial.Outcome.ConfidenceAfter).ToArray();
            var trials = Outcomes(1, row, half).ToArray();
            var (mean, deviation) = (pool.Average(), Deviation(pool));

            AssertColumn(Outcome.Displacement, _ => Before - mean, poolError: true);
            AssertColumn(Outcome.RetrainGap, trial => Math.Abs(trial.Outcome.ConfidenceAfter - mean), poolError: true);
            AssertColumn(Outcome.StandardizedRetrainGap, trial => Math.Abs(trial.Outcome.ConfidenceAfter - mean) / Math.Max(0.01, deviation));
            var needed = Before - mean;
            if (needed > Math.Max(0.01, 2 * deviation / Math.Sqrt(pool.Length)))
                AssertColumn(Outcome.ResidualShare, trial => (trial.Outcome.ConfidenceAfter - mean) / needed);
            else
                Assert.True(double.IsNaN(table.Column(Outcome.ResidualShare).Means[row]));
            AssertColumn(Outcome.PostUnlearningConfidence, trial => trial.Outcome.ConfidenceAfter);
            AssertColumn(Outcome.HarmonicScore, trial => OutcomeFormulas.HarmonicScore(
                Math.Abs(trial.Outcome.ConfidenceAfter - mean), trial.Result.RetainedAccuracy / 0.8, trial.Result.TestAccuracy!.Value / 0.7));
            AssertColumn(Outcome.UnlearningExpansion, trial => trial.Result.ChangedPredictions!.Value);
            AssertColumn(Outcome.NeighborExpansion, trial => trial.Outcome.ChangedNeighbors!.Value);
            AssertColumn(Outcome.ParameterShift, trial => trial.Result.ParameterShift!.Value);
            AssertColumn(Outcome.PerformanceShift, trial => 0.7 - trial.Result.TestAccuracy!.Value);
            AssertColumn(
                Outcome.StepsToForget, trial => OutcomeFormulas.StepsToForget(trial.Outcome, trial.Result.Steps!, trial.Position, mean, deviation).Steps);
            Assert.Equal(trials.Average(trial => OutcomeFormulas.StepsToForget(trial.Outcome, trial.Result.Steps!, trial.Position, mean, deviation).IsCensored
                ? 1.0
                : 0), table.Column(Outcome.StepsToForget).CensoredShares[row], 1e-12);

            void AssertColumn(Outcome outcome, Func<(TrialResult Result, RowOutcome Outcome, int Position), double> value, bool poolError = false)
            {
                var column = table.Column(outcome);
                double[] values = [.. trials.Select(value)];
                Assert.Equal(values.Average(), column.Means[row], 1e-9);
                var error = values.Length < 2 ? double.NaN : Deviation(values) / Math.Sqrt(values.Length);
                Assert.Equal(poolError ? Math.Sqrt(error * error + deviation * deviation / pool.Length) : error, column.StandardErrors[row], 1e-9);
            }
        }
    }

    [Fact]
    public void ARetrainingIsJudgedByTheOthers()
    {
        var table = OutcomeTable.Of(Ids, Runs)[0];
        for (var row = 0; row < Ids.Length; row++)
        {
            var confidences = Outcomes(0, row, null).Select(trial => trial.Outcome.ConfidenceAfter).ToArray();
            var gaps = confidences.Select((confidence, i) => Math.Abs(confidence - confidences.Where((_, other) => other != i).Average()));
            Assert.Equal(gaps.Average(), table.Column(Outcome.RetrainGap).Means[row], 1e-9);
            Assert.Equal(confidences.Average(confidence => Before - confidence), table.Column(Outcome.Displacement).Means[row], 1e-9);
        }
    }

    [Fact]
    public void TheMembershipTestComparesModelsThatSawTheRowWithThoseThatDidNot()
    {
        var resistance = OutcomeTable.Of(Ids, Runs)[1].Column(Outcome.MembershipResistance).Means;
        var all = Enumerable.Range(0, Ids.Length).Select(row => (Out: Out(row), In: In(row))).ToArray();
        var (outVariance, inVariance) = (all.Average(of => Variance(of.Out)), all.Average(of => Variance(of.In)));
        for (var row = 0; row < Ids.Length; row++)
        {
            var expected = Outcomes(1, row, null).Average(trial => OutcomeFormulas.MemberProbability(
                trial.Outcome.LogitConfidenceAfter!.Value, Normal(all[row].In, inVariance), Normal(all[row].Out, outVariance)));
            Assert.Equal(expected, resistance[row], 1e-6);
        }

        static double[] Out(int row) => [.. Outcomes(0, row, null).Select(trial => trial.Outcome.LogitConfidenceAfter!.Value)];
        static double[] In(int row) => [.. Runs[0].Run.Results
            .Where(result => result.Outcomes.All(outcome => outcome.RowId != Ids[row]))
            .Select(result => (double)result.AllLogitConfidences![row])];
        static (double, double) Normal(double[] values, double meanVariance) =>
            (values.Average(), Math.Sqrt((values.Length * Variance(values) + 8 * meanVariance) / (values.Length + 8)));
    }

    [Fact]
    public void Residual_memory_is_how_far_a_model_stands_out_above_the_retrained_ones()
    {
        var memory = OutcomeTable.Of(Ids, Runs)[1].Column(Outcome.ResidualMemory).Means;
        var meanVariance = Enumerable.Range(0, Ids.Length).Average(row => Variance(Logits(0, row)));
        for (var row = 0; row < Ids.Length; row++)
        {
            var retrained = Logits(0, row);
            var deviation = Math.Sqrt((retrained.Length * Variance(retrained) + 8 * meanVariance) / (retrained.Length + 8));
            Assert.Equal(Logits(1, row).Average(logit => Math.Max(0, (logit - retrained.Average()) / deviation)), memory[row], 1e-9);
        }
    }

    [Fact]
    public void Unlearned_models_are_told_from_retrained_ones_as_well_as_the_best_test_does()
    {
        var lira = OutcomeTable.Of(Ids, Runs)[1].Column(Outcome.UnlearningLira).Means;
        double[] meanVariances = [.. Enumerable.Range(0, 2).Select(of => Enumerable.Range(0, Ids.Length).Average(row => Variance(Logits(of, row))))];
        for (var row = 0; row < Ids.Length; row++)
        {
            var (unlearned, retrained) = (Normal(1), Normal(0));
            // Half of all draws come from either; the best test names the likelier one.
            var right = 0.0;
            for (var x = -60.0; x < 60; x += 1e-3)
                right += Math.Max(Density(unlearned, x), Density(retrained, x)) * 1e-3 / 2;
            Assert.Equal(right, lira[row], 1e-4);

            (double Mean, double Deviation) Normal(int of)
            {
                var values = Logits(of, row);
                return (values.Average(), Math.Sqrt((values.Length * Variance(values) + 8 * meanVariances[of]) / (values.Length + 8)));
            }
        }

        static double Density((double Mean, double Deviation) normal, double x) =>
            Math.Exp(-Math.Pow((x - normal.Mean) / normal.Deviation, 2) / 2) / (normal.Deviation * Math.Sqrt(2 * Math.PI));
    }

    [Fact]
    public void The_undone_share_is_the_part_of_the_way_to_retraining()
    {
        var tables = OutcomeTable.Of(Ids, Runs);
        var (needed, moved) = (0.0, 0.0);
        for (var row = 0; row < Ids.Length; row += 2)
        {
            needed += Before - Outcomes(0, row, null).Average(trial => trial.Outcome.ConfidenceAfter);
            moved += Before - Outcomes(1, row, null).Average(trial => trial.Outcome.ConfidenceAfter);
        }
        Assert.Equal(moved / needed, tables[1].UndoneShare(row => row % 2 == 0), 1e-9);
        Assert.True(double.IsNaN(tables[0].UndoneShare(_ => true)));
        Assert.True(double.IsNaN(OutcomeTable.Of(Ids, [Runs[1]])[0].UndoneShare(_ => true)));
    }

    [Fact]
    public void A_shard_displacement_is_of_all_rows_or_of_the_forgotten_ones()
    {
        var results = Runs[0].Run.Results.Select((result, i) => result with { ShardDisplacements = i % 2 == 0
            ? [.. Ids.Select((_, row) => row + i / 8f)]
            : [.. result.Outcomes.Select((_, place) => place + i / 8f)] }).ToList();
        UnlearnerRun run = new() { Unlearner = new Sisa(), Plan = Exact, Run = new() { Results = results, Failures = [] } };
        var table = OutcomeTable.Of(Ids, [run])[0];
        for (var row = 0; row < Ids.Length; row++)
        {
            List<double> values = [];
            for (var i = 0; i < results.Count; i++)
                if (i % 2 == 0)
                    values.Add(row + i / 8f);
                else if (results[i].Outcomes.ToList().FindIndex(outcome => outcome.RowId == Ids[row]) is >= 0 and var place)
                    values.Add(place + i / 8f);
            Assert.Equal(values.Average(), table.Column(Outcome.ShardDisplacement).Means[row], 1e-6);
            Assert.Equal(values.Count, table.Coverage(Outcome.ShardDisplacement)[row]);
        }
        Assert.Equal(Outcome.ShardDisplacement, HardnessScorer.ScoreOf(run));
    }

    [Fact]
    public void A_bootstrap_draws_as_many_trials_of_each_half_with_replacement()
    {
        var tables = Enumerable.Range(0, 300)
            .Select(draw => OutcomeTable.Of(Ids, Runs, 1, new Unlearn.Transforms.SeededRandom(draw))[0].Column(Outcome.PostUnlearningConfidence).Means)
            .ToList();
        Assert.True(tables.DistinctBy(means => means[0]).Count() > 100);
        var all = OutcomeTable.Of(Ids, Runs, 1)[0].Column(Outcome.PostUnlearningConfidence);
        var drawn = tables.Select(means => means[3]).Where(mean => !double.IsNaN(mean)).ToArray();
        Assert.InRange(Math.Abs(drawn.Average() - all.Means[3]), 0, 0.02);
        Assert.InRange(Deviation(drawn) / all.StandardErrors[3], 0.7, 1.5);
    }

    [Fact]
    public void WhatWasNotMeasuredIsMissing()
    {
        var old = new TrialRun { Results = [.. Exact.Trials.Select(trial => TestTrials.Result(trial))], Failures = [] };
        var outcomes =
            OutcomeTable.Of(Ids, [new() { Unlearner = new ExactRetraining(), Plan = Exact, Run = old }])[0].Columns().Select(column => column.Outcome);
        Assert.Equal([Outcome.Displacement, Outcome.RetrainGap, Outcome.StandardizedRetrainGap, Outcome.PostUnlearningConfidence], outcomes);
        var alone = OutcomeTable.Of(Ids, [Runs[1]])[0].Columns().Select(column => column.Outcome);
        Assert.DoesNotContain(Outcome.RetrainGap, alone);
        Assert.Contains(Outcome.ParameterShift, alone);
    }

    private static IEnumerable<(TrialResult Result, RowOutcome Outcome, int Position)> Outcomes(int unlearner, int row, int? half) =>
        from trial in Runs[unlearner].Plan.Trials
        where half is null || trial.Half == half
        let result = Runs[unlearner].Run.Results.Single(result => result.TrialId == trial.Id)
        from position in Enumerable.Range(0, result.Outcomes.Count)
        where result.Outcomes[position].RowId == Ids[row]
        select (result, result.Outcomes[position], position);

    private static double[] Logits(int unlearner, int row) => [.. Outcomes(unlearner, row, null).Select(trial => trial.Outcome.LogitConfidenceAfter!.Value)];

    private static double Deviation(double[] values) => Math.Sqrt(Variance(values));

    private static double Variance(double[] values) =>
        values.Length < 2 ? double.NaN : values.Sum(value => (value - values.Average()) * (value - values.Average())) / (values.Length - 1);

    private static TrialRun Run(TrialPlan plan, bool isRetraining) =>
        new() { Results = [.. plan.Trials.Select(trial => Result(trial, isRetraining))], Failures = [] };

    private static TrialResult Result(TrialSpec trial, bool isRetraining)
    {
        var random = new Random((int)(trial.Seed & int.MaxValue));
        RowOutcome[] outcomes = [.. trial.ForgetIds.Select(id => new RowOutcome
        {
            RowId = id,
            ConfidenceBefore = Before,
            ConfidenceAfter = random.NextDouble() * 0.9,
            LogitConfidenceAfter = random.NextDouble() * 4 - 2, ChangedNeighbors = random.NextDouble(),
        })];
        var measured = Enumerable.Range(1, Steps).Count(StepTrace.IsMeasured);
        float[] falling = [.. Enumerable.Range(0, measured)
            .SelectMany(step => outcomes.Select(outcome => (float)(Before + (outcome.ConfidenceAfter - Before) * (step + 1) / measured)))];
        return new()
        {
            TrialId = trial.Id,
            Outcomes = outcomes,
            RetainedAccuracy = random.NextDouble(),
            TestAccuracy = random.NextDouble(),
            Seconds = 1,
            RetainedAccuracyBefore = 0.8,
            TestAccuracyBefore = 0.7,
            ChangedPredictions = random.NextDouble(),
            ParameterShift = random.NextDouble(),
            Steps = isRetraining ? null : new(Steps, falling),
            AllLogitConfidences = isRetraining ? [.. Ids.Select(_ => (float)(random.NextDouble() * 4))] : null,
        };
    }
}
