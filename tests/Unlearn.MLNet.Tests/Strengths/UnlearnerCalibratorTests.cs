using System.Text.Json;
using System.Text.Json.Serialization;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Calibration;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Strengths;

public sealed class UnlearnerCalibratorTests : IDisposable
{
    private static readonly JsonSerializerOptions WithNaN = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly CalibrationCase _case = new();

    public void Dispose() => _case.Dispose();

    [Fact]
    public void A_dial_that_leads_to_the_retrained_model_is_turned_there()
    {
        var found = _case.Run([Dial.Interpolating(CalibrationCase.TargetSeed, step: 0.1)]).Single();
        Assert.Contains(found.Verdict, (CalibrationVerdict[])[CalibrationVerdict.Reached, CalibrationVerdict.NotConfirmed]);
        Assert.Equal(found.UndoneShare is >= 0.9 and <= 1.1, found.Verdict == CalibrationVerdict.Reached);
        Assert.InRange(found.Chosen!.UndoneShare, 0.9, 1.1);
        // Strength 10 is the model that was retrained from the target's own seed.
        Assert.InRange(found.Strength, 5, 16);
        Assert.Equal(found.Rungs.OrderBy(rung => rung.Strength), found.Rungs);
        Assert.Contains(found.Rungs, rung => rung is { Strength: 1, UndoneShare: < 0.5 });
        Assert.Contains("dial/1 dial strength=" + FormattableString.Invariant($"{found.Strength}"), found.Specification, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_are_those_of_models_that_are_trained_and_measured_one_by_one()
    {
        var found = _case.Run([Dial.Interpolating(CalibrationCase.TargetSeed, step: 0.1)]).Single();
        var sets = CalibrationForgetSets.Deal(_case.Rows.Ids, 45, found.ForgetSets, seed: 1);
        Assert.Equal(45, found.ForgottenRows);
        double before = 0, retrained = 0, after = 0, retainedAccuracy = 0, testAccuracy = 0;
        foreach (var (set, number) in sets.Select((set, number) => (set, number)))
        {
            before += Mean(_case.Target, set) / sets.Count;
            for (var repetition = 0; repetition < found.Retrainings; repetition++)
            {
                using var model =
                    _case.Recipe.Train(_case.Rows, Enumerable.Range(0, 150).Except(set).ToArray(), Seed.Derive(1, "calibration/EU", number, repetition));
                retrained += Mean(model, set) / sets.Count / found.Retrainings;
            }
            using var unlearned = Dial.Interpolating(CalibrationCase.TargetSeed, step: 0.1).WithStrength(found.Strength)
                .Unlearn(new(_case.Target, _case.Recipe, _case.Rows, set, seed: 0), TestContext.Current.CancellationToken);
            after += Mean(unlearned.Model, set) / sets.Count;
            retainedAccuracy += ModelAnswers.Of(unlearned.Model, _case.Rows, [.. Enumerable.Range(0, 150).Except(set)]).Accuracy / sets.Count;
            testAccuracy += ModelAnswers.Of(unlearned.Model, _case.TestRows).Accuracy / sets.Count;
        }
        Assert.Equal(before, found.TargetConfidence, 1e-6);
        Assert.Equal(retrained, found.RetrainedConfidence, 1e-6);
        Assert.Equal((before - after) / (before - retrained), found.Chosen!.UndoneShare, 1e-4);
        Assert.Equal(retainedAccuracy, found.Chosen.Accuracy.Retained, 1e-12);
        Assert.Equal(testAccuracy, found.Chosen.Accuracy.Test!.Value, 1e-12);
        var retainedLoss = Math.Min(found.TargetAccuracy.Retained, found.RetrainedAccuracy.Retained) - retainedAccuracy;
        var testLoss = Math.Min(found.TargetAccuracy.Test!.Value, found.RetrainedAccuracy.Test!.Value) - testAccuracy;
        Assert.Equal(Math.Max(retainedLoss, testLoss), found.Chosen.AccuracyLoss, 1e-12);

        double Mean(ITarget model, int[] set) => ModelAnswers.Of(model, _case.Rows, set).Confidences.Average();
    }

    [Fact]
    public void The_chosen_strength_is_checked_on_rows_that_the_search_did_not_see()
    {
        var found = _case.Run([Dial.Interpolating(CalibrationCase.TargetSeed, step: 0.1)]).Single();
        var sets = CalibrationForgetSets.Deal(_case.Rows.Ids, 45, 4, seed: 1);
        int[][] fresh = [.. sets.Skip(2)];
        Assert.Empty(fresh[0].Intersect(sets.Take(2).SelectMany(set => set)));
        double before = 0, retrained = 0, after = 0;
        foreach (var (number, set) in fresh.Index())
        {
            before += Mean(_case.Target, set) / 2;
            for (var repetition = 0; repetition < 3; repetition++)
            {
                var modelSeed = Seed.Derive(1, "calibration/EU", 2 + number, repetition);
                using var model = _case.Recipe.Train(_case.Rows, Enumerable.Range(0, 150).Except(set).ToArray(), modelSeed);
                retrained += Mean(model, set) / 6;
            }
            using var unlearned = Dial.Interpolating(CalibrationCase.TargetSeed, step: 0.1).WithStrength(found.Strength)
                .Unlearn(new(_case.Target, _case.Recipe, _case.Rows, set, seed: 0), TestContext.Current.CancellationToken);
            after += Mean(unlearned.Model, set) / 2;
        }
        Assert.Equal((2, found.Strength), (found.Check!.ForgetSets, found.Check.Rung.Strength));
        Assert.Equal(before, found.Check.TargetConfidence, 1e-6);
        Assert.Equal(retrained, found.Check.RetrainedConfidence, 1e-6);
        Assert.Equal((before - after) / (before - retrained), found.UndoneShare, 1e-4);

        double Mean(ITarget model, int[] set) => ModelAnswers.Of(model, _case.Rows, set).Confidences.Average();
    }

    [Fact]
    public void One_that_does_nothing_ends_at_the_top_of_the_ladder_and_says_so()
    {
        var dial = Dial.Nothing;
        var found = _case.Run([dial]).Single();
        Assert.Equal(CalibrationVerdict.StrongestWithinBudget, found.Verdict);
        Assert.Equal([1, 2, 4, 8, 16, 32, 64], found.Rungs.Select(rung => rung.Strength));
        Assert.All(found.Rungs, rung => Assert.Equal((0, true), (rung.UndoneShare, rung.AccuracyLoss <= 0)));
        Assert.Contains("reaches no undone share of 0.9 to 1.1 within 20 points", found.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_destroys_the_model_keeps_its_own_options_with_a_warning()
    {
        var dial = Dial.Destroying;
        var found = _case.Run([dial]).Single();
        Assert.Equal(CalibrationVerdict.NothingFits, found.Verdict);
        Assert.Equal((1, dial.Specification), (found.Strength, found.Specification));
        Assert.Equal(1.0 / 16, found.Rungs[0].Strength);
        Assert.Contains("Nothing fits the budget: destroying loses more than 20 points", found.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Divergence_counts_as_too_strong()
    {
        var found = _case.Run([Dial.DivergingFrom(3, Dial.Interpolating(CalibrationCase.TargetSeed, step: 0.1))]).Single();
        Assert.Equal(CalibrationVerdict.StrongestWithinBudget, found.Verdict);
        Assert.InRange(found.Strength, 2, 3);
        Assert.Equal(found.Rungs.Where(rung => rung.Failure is null).Max(rung => rung.Strength), found.Strength);
        Assert.All(found.Rungs.Where(rung => rung.Strength >= 3), rung => Assert.Equal("TrainingDivergedException: The loss is NaN.", rung.Failure));
        Assert.Equal(4, found.Rungs[^1].Strength);
    }

    [Fact]
    public void One_that_always_diverges_says_why_nothing_fits()
    {
        var found = _case.Run([Dial.DivergingFrom(0, Dial.Nothing)]).Single();
        Assert.Equal(CalibrationVerdict.NothingFits, found.Verdict);
        Assert.Contains("failed at the 5 strengths tried (TrainingDivergedException: The loss is NaN.)", found.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_does_not_suit_the_model_is_tried_once()
    {
        var found = _case.Run([new Dial("unsuited", (_, _) => throw new ArgumentException("There are no convolutions."))]).Single();
        Assert.Equal((CalibrationVerdict.NothingFits, 1), (found.Verdict, Assert.Single(found.Rungs).Strength));
        Assert.Contains("failed at the one strength tried (ArgumentException: There are no convolutions.)", found.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Displacements_below_the_noise_leave_the_options_alone()
    {
        using var untrained = new CalibrationCase(learningRate: 1e-12);
        var dial = Dial.Nothing;
        var found = untrained.Run([dial]).Single();
        Assert.Equal(CalibrationVerdict.BelowNoise, found.Verdict);
        Assert.Equal((1, dial.Specification, 0, 0), (found.Strength, found.Specification, found.Rungs.Count, dial.Runs));
        Assert.Contains("within the noise", found.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void One_without_a_strength_is_listed_and_an_exact_one_is_not()
    {
        var found = _case.Run([new Sisa(), new Plain()]).Single();
        Assert.Equal(("plain", CalibrationVerdict.NotAdjustable, "plain has no strength to adjust: it keeps its own options."),
            (found.Unlearner, found.Verdict, found.Explanation));
    }

    [Fact]
    public void A_second_run_measures_nothing_and_finds_the_same()
    {
        var (first, second) = (Dials(), Dials());
        var found = Untimed(_case.Run(first));
        Assert.Equal(found, Untimed(_case.Run(second)));
        Assert.All(first, dial => Assert.NotEqual(0, dial.Runs));
        Assert.All(second, dial => Assert.Equal(0, dial.Runs));
    }

    [Fact]
    public void The_number_of_workers_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(Untimed(_case.Run(Dials(), workers: 1)), Untimed(_case.Run(Dials(), workers: 2, ledgerPath: folder.File("other.db"))));
    }

    [Fact]
    public void A_cancelled_calibration_keeps_what_was_measured()
    {
        using TemporaryFolder folder = new();
        var (whole, before, after) = (Dials(), Dials(), Dials());
        var found = Untimed(_case.Run(whole, ledgerPath: folder.File("whole.db")));
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => _case.Run(before, workers: 1, cancellationToken: cancellation.Token, progress: (_, _, _) =>
        {
            if (before[0].Runs >= 4)
                cancellation.Cancel();
        }));
        Assert.InRange(before[0].Runs, 4, whole[0].Runs - 1);
        Assert.Equal(found, Untimed(_case.Run(after)));
        Assert.Equal(whole.Sum(dial => dial.Runs), before.Concat(after).Sum(dial => dial.Runs));
    }

    [Fact]
    public void Forget_sets_and_seeds_are_others_than_those_of_the_trials()
    {
        var plan = TrialPlanner.Plan("EU", TestContextOf("EU"), _case.Rows.Ids, 20, CalibrationCase.Share, seed: 1);
        var sets = CalibrationForgetSets.Deal(_case.Rows.Ids, 45, 4, seed: 1);
        var ofTrials = plan.Trials.Select(trial => string.Join(' ', trial.ForgetIds)).ToHashSet(StringComparer.Ordinal);
        Assert.All(sets, set => Assert.DoesNotContain(string.Join(' ', set.Select(position => _case.Rows.Ids[position])), ofTrials));
        Assert.Equal(4, sets.Select(set => string.Join(' ', set)).Distinct().Count());
        Assert.Equal(sets.Take(2), CalibrationForgetSets.Deal(_case.Rows.Ids, 45, 2, seed: 1));
        var seeds = plan.Trials.Select(trial => trial.Seed).ToHashSet();
        Assert.DoesNotContain(seeds,
            seed => Enumerable.Range(0, 4).Any(set => Enumerable.Range(0, 4).Any(repetition => seed == Seed.Derive(1, "calibration/EU", set, repetition))));

        static TrialContext TestContextOf(string name) => new(name, []);
    }

    [Fact]
    public void Progress_rises_to_its_total()
    {
        List<(int Finished, int Total)> reports = [];
        _case.Run([Dial.Nothing, Dial.Destroying], progress: (finished, total, _) => reports.Add((finished, total)));
        Assert.Equal(reports.OrderBy(report => report.Finished), reports);
        Assert.Equal(reports[^1].Total, reports[^1].Finished);
        Assert.Single(reports.Select(report => report.Total).Distinct());
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.7)]
    public void Runs_stay_within_the_share_of_the_trials(double share)
    {
        var dials = Dials();
        var found = _case.Run(dials, CalibrationCase.Options with { LargestCostShare = share });
        var trials = 20 * (1 + dials.Length);
        var retrainings = (found[0].ForgetSets + found[0].Check!.ForgetSets) * found[0].Retrainings;
        Assert.InRange(dials.Sum(dial => dial.Runs) + retrainings, 0.5 * share * trials, share * trials);
        Assert.All(found.Where(_ => share < 0.5), of => Assert.Contains("more runs than", of.Explanation, StringComparison.Ordinal));
    }

    [Fact]
    public void A_study_of_few_trials_is_told_so_and_nothing_is_run()
    {
        var dial = Dial.Nothing;
        var found = _case.Run([dial], CalibrationCase.Options with { LargestCostShare = 0.02 }).Single();
        Assert.Equal((CalibrationVerdict.TooFewTrials, dial.Specification, 0), (found.Verdict, found.Specification, dial.Runs));
        Assert.Contains("too few trials to try a strength of nothing in 0.02 as many runs", found.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Retrainings_that_fail_are_an_error()
    {
        using var diverging = new CalibrationCase();
        var failing = new Dial("failing", (_, _) => throw new TrainingDivergedException("The loss is NaN."));
        var runs = new CalibrationRuns(diverging.Subject, new Nowhere(), diverging.Context, seed: 1, workers: 1);
        var failure = Assert.Throws<TrialFailedException>(() => new UnlearnerCalibrator(diverging.Subject, runs, CalibrationCase.Options, seed: 1)
            .Run([new() { Unlearner = new FailingPool(), Trials = 2 }, new() { Unlearner = failing, Trials = 2 }], progress: null, CancellationToken.None));
        Assert.Contains("TrainingDivergedException: The loss is NaN. Change the recipe", failure.Message, StringComparison.Ordinal);
    }

    private static Dial[] Dials() => [Dial.Interpolating(CalibrationCase.TargetSeed, step: 0.1), Dial.Nothing, Dial.Destroying];

    private static string Untimed(IReadOnlyList<UnlearnerCalibration> found)
    {
        return JsonSerializer.Serialize(found.Select(of => of with
        {
            Options = CalibrationCase.Options with { LargestCostShare = 1 },
            Rungs = [.. of.Rungs.Select(WithoutTime)],
            Check = of.Check is { } check ? check with { Rung = WithoutTime(check.Rung) } : null,
        }), WithNaN);

        static CalibrationRung WithoutTime(CalibrationRung rung) => rung with { CpuSeconds = 0 };
    }

    private sealed class Plain : IUnlearner
    {
        public string Name => "plain";

        public string Specification => "plain/1";

        public bool IsExact => false;

        public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken) => new(request.Target.Clone());
    }

    private sealed class FailingPool : IUnlearner
    {
        public string Name => "pool";

        public string Specification => "pool/1";

        public bool IsExact => true;

        public bool MakesRetrainPool => true;

        public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken) =>
            throw new TrainingDivergedException("The loss is NaN.");
    }

    private sealed class Nowhere : ICalibrationLedger
    {
        public string? FindMeasurement(string id) => null;

        public string KeepMeasurement(string id, string unlearner, string content) => content;
    }
}
