using Unlearn.MLNet.Trials.Calibration;
using Xunit;

namespace Unlearn.MLNet.Tests.Strengths;

/// <summary>What calibrations may cost, on made-up measurements.</summary>
public sealed class CalibrationCostTests
{
    private static readonly CalibrationOptions Options = new();

    private static CalibrationMeasurement Measured(double confidence, double seconds, double loss = 0) =>
        new() { Confidence = confidence, RetainedAccuracy = 1 - loss, TestAccuracy = 1, Seconds = seconds };

    private static StrengthCalibration Create(int sets = 2)
    {
        var reference = new CalibrationReference(
            [.. Enumerable.Range(0, sets).Select(set => new[] { set })],
            [.. Enumerable.Range(0, sets).Select(_ => Measured(1, 0))],
            [.. Enumerable.Range(0, sets).Select(_ => new[] { Measured(0.49, 1), Measured(0.51, 1) })]);
        var dial = Dial.Nothing;
        return new(new() { Unlearner = dial, Trials = 100 }, dial, reference, reference, Options);
    }

    [Theory]
    [InlineData(130, 1, 1, 2, 2, 3, 14)] // 12 retrainings and 14 runs: all that was asked for
    [InlineData(129, 1, 1, 2, 2, 2, 17)]
    [InlineData(109, 1, 1, 2, 1, 2, 15)]
    [InlineData(94, 1, 1, 1, 1, 2, 14)]
    [InlineData(120, 2, 1, 1, 1, 2, 20)]
    [InlineData(120, 1, 2, 1, 1, 2, 16)]
    [InlineData(30, 1, 1, 1, 1, 2, 2)]
    [InlineData(29, 1, 1, 1, 1, 2, 1)]
    public void Few_trials_afford_few_runs_in_a_fixed_order(int trials, int unlearners, int shares, int sets, int checkSets, int retrainings, int runs)
    {
        var allowance = new CalibrationAllowance(Options, trials, unlearners, shares);
        Assert.Equal((sets, checkSets, retrainings), (allowance.ForgetSets, allowance.CheckSets, allowance.Retrainings));
        Assert.Equal(runs >= sets + checkSets, allowance.Suffices);
        var taken = 0;
        for (var isFirst = true; allowance.TryTake(isFirst); isFirst = false)
            taken += isFirst ? sets + checkSets : sets;
        Assert.Equal(runs < sets + checkSets ? 0 : runs - (runs - checkSets) % sets, taken);
        Assert.True(taken == 0 || shares * (sets + checkSets) * retrainings + taken <= 0.2 * trials);
    }

    [Fact]
    public void A_strength_that_other_forget_sets_do_not_confirm_is_told_so()
    {
        var calibration = Create();
        calibration.Add(1, [Measured(0.5, 1), Measured(0.5, 1)]);
        Assert.Null(calibration.Next);
        Assert.NotNull(calibration.ToCheck);
        calibration.AddCheck([Measured(0.6, 1, loss: 0.01), Measured(0.7, 1, loss: 0.02)]);
        var found = calibration.Result(2).Calibration;
        Assert.Equal((CalibrationVerdict.NotConfirmed, 1), (found.Verdict, found.Strength));
        Assert.Equal((1, 0.7, 0.015), (found.Chosen!.UndoneShare, Math.Round(found.UndoneShare, 9), Math.Round(found.AccuracyLoss, 9)));
        const string Words = "On forget sets that the search did not see, it undoes 0.70 and loses 1.5 points. They do not confirm it.";
        Assert.EndsWith(Words, found.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_runs_the_search_ends_and_says_so()
    {
        var calibration = Create();
        calibration.Add(1, [Measured(0.9, 10), Measured(0.9, 10)]);
        Assert.Equal(2, calibration.Next);
        calibration.Stop();
        Assert.Null(calibration.Next);
        const string Words = "Further strengths would have taken more runs than 0.2 of the study's trials.";
        Assert.EndsWith(Words, calibration.Result(2).Calibration.Explanation, StringComparison.Ordinal);
        var untried = Create();
        untried.Stop();
        Assert.Equal(CalibrationVerdict.TooFewTrials, untried.Result(2).Calibration.Verdict);
    }

    [Theory]
    [InlineData("overshoots already at its weakest", 0.3, 0.01, 0.3, 0.01)]
    [InlineData("undoes too little up to its strongest", 0.9, 0.01, 0.8, 0.01)]
    [InlineData("loses too much accuracy before it undoes enough", 0.9, 0.01, 0.8, 0.03)]
    [InlineData("jumps from too little to too much", 0.9, 0.01, 0.3, 0.01)]
    public void What_falls_short_is_said(string words, double weakConfidence, double weakLoss, double strongConfidence, double strongLoss)
    {
        var calibration = Create(sets: 1);
        calibration.Add(1, [Measured(weakConfidence, 1, weakLoss)]);
        calibration.Add(2, [Measured(strongConfidence, 1, strongLoss)]);
        var found = calibration.Result(2).Calibration;
        Assert.Equal(CalibrationVerdict.StrongestWithinBudget, found.Verdict);
        Assert.Contains($"it {words}. At strength", found.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_are_means_over_the_forget_sets_in_use()
    {
        var calibration = Create();
        calibration.Add(1, [Measured(0.8, 10), Measured(0.6, 10)]);
        Assert.Equal(0.6, calibration.Result(2).Calibration.Rungs.Single().UndoneShare, 1e-9);
    }

    [Theory]
    [InlineData(0.9, 0.8, 0.85, 0.7, 0.84, 0.69, 0.01)] // both below what retraining reaches
    [InlineData(0.9, 0.8, 0.85, 0.85, 0.84, 0.69, 0.11)] // the target's test accuracy is the lower one
    [InlineData(0.9, 0.8, 0.95, 0.7, 0.95, 0.75, -0.05)] // better than retraining on both
    public void Accuracy_is_lost_beyond_the_lower_of_target_and_retrained(
        double target, double targetTest, double retrained, double retrainedTest, double unlearned, double unlearnedTest, double loss)
    {
        CalibrationMeasurement[] models = [Accurate(0.4, retrained, retrainedTest), Accurate(0.6, retrained, retrainedTest)];
        var rung = new CalibrationReference([[0]], [Accurate(1, target, targetTest)], [models]).ToRung(1, [Accurate(0.5, unlearned, unlearnedTest)]);
        Assert.Equal(loss, rung.AccuracyLoss, 1e-12);
        Assert.Equal(target - unlearned, rung.Accuracy.LossAgainst(new() { Retained = target, Test = null }), 1e-12);

        static CalibrationMeasurement Accurate(double confidence, double retained, double test) =>
            new() { Confidence = confidence, RetainedAccuracy = retained, TestAccuracy = test };
    }

    [Fact]
    public void The_noise_is_the_standard_error_of_the_retrained_models_mean()
    {
        var found = Create().Result(2).Calibration;
        // Two models of each of two sets, 0.02 apart: a variance of 0.0002, over four models.
        Assert.Equal(Math.Sqrt(0.0002 / 4), found.RetrainedError, 1e-12);
    }
}
