using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Unlearners;

/// <summary>
/// The strength of approximate unlearners: what it does to their options, and to what is forgotten. See also the rule of
/// <see cref="Conformance.UnlearnerRulesTests"/>.
/// </summary>
public sealed class StrengthTests(StrengthTests.Cases cases) : IClassFixture<StrengthTests.Cases>
{
    // Fine-tuning has no force against a row of its own: where the retained rows' loss is near 0, no strength makes it forget. The layers below the
    // last k keep what they know.
    private static readonly string[] WithoutPromise = ["FT", "CF-k", "EU-k"];

    public static TheoryData<string> Promised =>
        [.. OwnUnlearners.All.OfType<IAdjustableUnlearner>().Select(unlearner => unlearner.Name).Except(WithoutPromise)];

    [Fact]
    public void Every_approximate_unlearner_has_a_strength_and_no_exact_one() =>
        Assert.All(OwnUnlearners.All, unlearner => Assert.Equal(!unlearner.IsExact, unlearner is IAdjustableUnlearner));

    [Theory]
    [MemberData(nameof(Promised))]
    public void A_high_strength_forgets_more_than_a_low_one(string name)
    {
        double low = cases.Confidence(name, 0.25), high = cases.Confidence(name, 8);
        Assert.True(low > cases.Before - 0.1, $"{low} at strength 0.25, {cases.Before} before");
        Assert.True(high < low - 0.05, $"{high} at strength 8, {low} at 0.25");
    }

    [Theory]
    [InlineData(0.1, 0.05, 2)]
    [InlineData(1, 0.5, 2)]
    [InlineData(4, 2, 2)]
    [InlineData(5, 5.0 / 3, 3)]
    [InlineData(16, 2, 8)]
    public void The_rate_rises_first_and_then_the_epochs(double strength, double rate, int epochs)
    {
        var scaled = Assert.IsType<FineTuning>(new FineTuning().WithStrength(strength));
        Assert.Equal((rate, epochs), (scaled.RelativeLearningRate, scaled.Epochs), (expected, actual) => Math.Abs(expected.Item1 - actual.Item1) < 1e-12
            && expected.Item2 == actual.Item2);
        Assert.Equal(strength, scaled.RelativeLearningRate * scaled.Epochs, 1e-12);
    }

    [Fact]
    public void A_rate_above_the_limit_stays_and_the_epochs_rise()
    {
        var scaled = Assert.IsType<FineTuning>(new FineTuning { RelativeLearningRate = 3, Epochs = 4 }.WithStrength(2));
        Assert.Equal((3, 8), (scaled.RelativeLearningRate, scaled.Epochs));
    }

    [Fact]
    public void The_odds_of_the_forgotten_rows_rise()
    {
        var scaled = Assert.IsType<NegGradPlus>(new NegGradPlus { RetainWeight = 0.8 }.WithStrength(4));
        Assert.Equal(0.5, scaled.RetainWeight, 1e-12); // 0.2 : 0.8 becomes 0.8 : 0.8
        Assert.Equal(1, Assert.IsType<NegGradPlus>(new NegGradPlus { RetainWeight = 1 }.WithStrength(4)).RetainWeight);
        Assert.Equal(0, Assert.IsType<NegGradPlus>(new NegGradPlus { RetainWeight = 0 }.WithStrength(4)).RetainWeight);
    }

    [Theory]
    [InlineData(0.5, 1.5, 0.5, 2)]
    [InlineData(1, 3, 0.5, 2)]
    [InlineData(2, 3, 1, 2)]
    [InlineData(8, 3, 2, 4)]
    public void The_weight_of_forgotten_rows_falls_and_the_training_rises(double strength, double weight, double rate, int epochs)
    {
        var labels = Assert.IsType<RandomLabels>(new RandomLabels { ForgottenRowWeight = 3 }.WithStrength(strength));
        var salient = Assert.IsType<SalUn>(new SalUn { ForgottenRowWeight = 3, SalientShare = 0.3 }.WithStrength(strength));
        var teacher = Assert.IsType<BadTeacher>(new BadTeacher { ForgottenRowWeight = 3 }.WithStrength(strength));
        Assert.Equal((weight, rate, epochs), (labels.ForgottenRowWeight, labels.RelativeLearningRate, labels.Epochs));
        Assert.Equal((weight, rate, epochs, 0.3), (salient.ForgottenRowWeight, salient.RelativeLearningRate, salient.Epochs, salient.SalientShare));
        Assert.Equal((weight, rate, epochs), (teacher.ForgottenRowWeight, teacher.RelativeLearningRate, teacher.Epochs));
    }

    [Theory]
    [InlineData(1, 4, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(4, 0.25, 0.25)]
    public void Dampening_has_no_jump_at_a_low_threshold(double strength, double threshold, double dampening)
    {
        var scaled = Assert.IsType<SelectiveSynapticDampening>(new SelectiveSynapticDampening().WithStrength(strength));
        Assert.Equal((threshold, dampening), (scaled.SelectionThreshold, scaled.Dampening));
    }

    [Fact]
    public void Other_options_stay()
    {
        var scaled = Assert.IsType<Scrub>(new Scrub
        {
            DivergenceWeight = 0.4,
            LossWeight = 0.9,
            MaximumGradientNorm = 3,
            Epochs = 4,
            DisobedientEpochs = 2,
            RelativeLearningRate = 1,
        }.WithStrength(4));
        Assert.Equal((0.4, 0.9, 3, 8, 4, 2),
            (scaled.DivergenceWeight, scaled.LossWeight, scaled.MaximumGradientNorm, scaled.Epochs, scaled.DisobedientEpochs, scaled.RelativeLearningRate));
    }

    public sealed class Cases : IDisposable
    {
        private static readonly int[] Forget = [1, 5, 12, 23, 34, 45, 57, 68, 79, 90, 101, 112];

        private readonly UnlearningCase _overfit = UnlearningCase.Overfit();

        /// <summary>The target's mean confidence in the rows to forget.</summary>
        public double Before => Forget.Average(row => _overfit.Confidences(_overfit.Target)[row]);

        /// <summary>Mean confidence in the forgotten rows.</summary>
        public double Confidence(string name, double strength)
        {
            using var unlearned = _overfit.Unlearn(((IAdjustableUnlearner)KnownUnlearners.Find(name)).WithStrength(strength), Forget);
            var confidences = _overfit.Confidences(unlearned);
            return Forget.Average(row => confidences[row]);
        }

        public void Dispose() => _overfit.Dispose();
    }
}
