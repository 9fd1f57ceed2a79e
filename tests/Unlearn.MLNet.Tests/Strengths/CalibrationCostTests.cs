using Unlearn.MLNet.Trials.Calibration;
using Xunit;

namespace Unlearn.MLNet.Tests.Strengths;

/// <summary>What calibrations may cost, on made-up measurements.</summary>
public sealed class CalibrationCostTests
{
    private static readonly CalibrationOptions Options = new();

    private static CalibrationMeasurement Measured(double confidence, double seconds) => new() { Confidence = confidence, RetainedAccuracy = 1, TestAccuracy = 1, Seconds = seconds };

    private static StrengthCalibration Create(int sets = 2)
    {
        var reference = new CalibrationReference(
            [.. Enumerable.Range(0, sets).Select(set => new[] { set })],
            [.. Enumerable.Range(0, sets).Select(_ => Measured(1, 0))],
            [.. Enumerable.Range(0, sets).Select(_ => new[] { Measured(0.49, 1), Measured(0.51, 1) })]);
        var dial = Dial.Nothing;
        return new(new() { Unlearner = dial, Trials = 100 }, dial, reference, Options);
    }

    [Theory]
    [InlineData(100, 1, 2, 3)]
    [InlineData(100, 2, 2, 2)]
    [InlineData(45, 1, 2, 2)]
    [InlineData(20, 1, 1, 2)]
    [InlineData(2, 3, 1, 2)]
    public void Few_trials_afford_few_retrainings(int exactTrials, int shares, int sets, int retrainings) =>
        Assert.Equal((sets, retrainings), CalibrationAllowance.Reduce(Options, exactTrials, shares));

    [Fact]
    public void The_allowance_is_a_share_of_the_trials_less_what_was_spent()
    {
        var allowance = new CalibrationAllowance(0.2);
        Assert.Equal(CalibrationAllowance.AlwaysAllowed, allowance.Left);
        allowance.Expect(trials: 100, secondsPerTrial: 3);
        allowance.Spend([Measured(1, 8), Measured(1, 2)]);
        Assert.Equal(50, allowance.Left, 1e-9);
    }

    [Fact]
    public void A_costly_unlearner_gets_fewer_forget_sets_and_then_no_further_strength()
    {
        var calibration = Create();
        calibration.Add(1, [Measured(0.9, 10), Measured(0.9, 10)]);
        Assert.Equal(2, calibration.ForgetSets.Count);
        Assert.True(calibration.Fits(seconds: 70));
        Assert.Single(calibration.ForgetSets);
        Assert.False(calibration.Fits(seconds: 19)); // twice the strength may take twice the time
        Assert.Contains("Further strengths would have cost more than 0.2 of the trials' processor time.", calibration.Result(2).Calibration.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void The_forecast_goes_on_growing_as_the_cost_did()
    {
        var calibration = Create(sets: 1);
        calibration.Add(1, [Measured(0.99, 10)]);
        calibration.Add(2, [Measured(0.98, 15)]);
        Assert.True(calibration.Fits(seconds: 22.6));
        Assert.False(calibration.Fits(seconds: 22.4));
        calibration.Add(4, [Measured(0.1, 30)]);
        Assert.InRange(calibration.Next!.Value, 2.1, 3.9);
        Assert.True(calibration.Fits(seconds: 30.1)); // a weaker strength costs no more than a stronger one
        Assert.False(calibration.Fits(seconds: 29.9));
    }

    [Fact]
    public void Figures_are_means_over_the_forget_sets_in_use()
    {
        var calibration = Create();
        calibration.Add(1, [Measured(0.8, 10), Measured(0.6, 10)]);
        Assert.Equal(0.6, calibration.Result(2).Calibration.Rungs.Single().UndoneShare, 1e-9);
        calibration.Fits(seconds: 1);
        Assert.Equal(0.4, calibration.Result(2).Calibration.Rungs.Single().UndoneShare, 1e-9);
    }

    [Theory]
    [InlineData(0.9, 0.8, 0.85, 0.7, 0.84, 0.69, 0.01)] // both below what retraining reaches
    [InlineData(0.9, 0.8, 0.85, 0.85, 0.84, 0.69, 0.11)] // the target's test accuracy is the lower one
    [InlineData(0.9, 0.8, 0.95, 0.7, 0.95, 0.75, -0.05)] // better than retraining on both
    public void Accuracy_is_lost_beyond_the_lower_of_target_and_retrained(double target, double targetTest, double retrained, double retrainedTest, double unlearned, double unlearnedTest, double loss)
    {
        var reference = new CalibrationReference([[0]], [Accurate(1, target, targetTest)], [[Accurate(0.4, retrained, retrainedTest), Accurate(0.6, retrained, retrainedTest)]]);
        Assert.Equal(loss, reference.ToRung(1, [Accurate(0.5, unlearned, unlearnedTest)]).AccuracyLoss, 1e-12);
        Assert.Equal(target - unlearned, reference.ToRung(1, [Accurate(0.5, unlearned, unlearnedTest)]).Accuracy.LossAgainst(new() { Retained = target, Test = null }), 1e-12);

        static CalibrationMeasurement Accurate(double confidence, double retained, double test) => new() { Confidence = confidence, RetainedAccuracy = retained, TestAccuracy = test };
    }

    [Fact]
    public void The_noise_is_the_standard_error_of_the_retrained_models_mean()
    {
        var found = Create().Result(2).Calibration;
        // Two models of each of two sets, 0.02 apart: a variance of 0.0002, over four models.
        Assert.Equal(Math.Sqrt(0.0002 / 4), found.RetrainedError, 1e-12);
    }
}
