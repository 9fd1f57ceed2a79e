using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Measuring;
using Xunit;

namespace Unlearn.MLNet.Tests.GroundTruth;

public sealed class OutcomeFormulaTests
{
    private static readonly StepTrace Steps = new(4, [0.9f, 0.7f, 0.6f, 0.2f]);

    [Theory]
    [InlineData(0.95, 0.5, 0.15, 3, false)]
    [InlineData(0.95, 0.6, 0.15, 2, false)]
    [InlineData(0.95, 0.9, 0.1, 0, false)]
    [InlineData(0.95, 0.1, 0.05, 4, true)]
    [InlineData(0.95, 0.695, 0, 2, false)] // the floor of σ makes it 0.705
    public void StepsToForgetIsTheFirstStepAtTheThreshold(double before, double retrained, double deviation, int steps, bool isCensored) =>
        Assert.Equal((steps, isCensored),
            OutcomeFormulas.StepsToForget(new() { RowId = "z", ConfidenceBefore = before, ConfidenceAfter = 0.2 }, Steps, 0, retrained, deviation));

    [Fact]
    public void AStepBetweenTheLastOneLookedAtAndTheEndIsTheEnd()
    {
        var steps = new StepTrace(9, [.. Enumerable.Repeat(0.9f, 8)]);
        Assert.Equal((9, false), OutcomeFormulas.StepsToForget(new() { RowId = "z", ConfidenceBefore = 0.95, ConfidenceAfter = 0.4 }, steps, 0, 0.5, 0.1));
        Assert.Equal((9, true), OutcomeFormulas.StepsToForget(new() { RowId = "z", ConfidenceBefore = 0.95, ConfidenceAfter = 0.7 }, steps, 0, 0.5, 0.1));
    }

    [Fact]
    public void TheHarmonicScoreIsTheHarmonicMeanOfThree()
    {
        Assert.Equal(1, OutcomeFormulas.HarmonicScore(0, 1.2, 1));
        Assert.Equal(3 / (1 / 0.8 + 1 / 0.5 + 1 / 0.9), OutcomeFormulas.HarmonicScore(0.2, 0.5, 0.9), 1e-12);
        Assert.Equal(0, OutcomeFormulas.HarmonicScore(1, 1, 1));
    }

    [Fact]
    public void TheGapInDeviationsHasAFloor()
    {
        Assert.Equal(3, OutcomeFormulas.StandardizedRetrainGap(0.9, 0.6, 0.1), 1e-12);
        Assert.Equal(10, OutcomeFormulas.StandardizedRetrainGap(0.6, 0.7, 1e-6), 1e-12);
    }

    [Fact]
    public void TheMemberProbabilityIsThatOfTwoNormals()
    {
        Assert.Equal(0.5, OutcomeFormulas.MemberProbability(3, (2, 1.5), (2, 1.5)), 1e-12);
        Assert.Equal(0.5, OutcomeFormulas.MemberProbability(1, (2, 1), (0, 1)), 1e-12);
        // Densities of N(0.3; 2, 1) and N(0.3; −1, 2).
        var (inside, outside) = (Math.Exp(-1.7 * 1.7 / 2), Math.Exp(-1.3 * 1.3 / 8) / 2);
        Assert.Equal(inside / (inside + outside), OutcomeFormulas.MemberProbability(0.3, (2, 1), (-1, 2)), 1e-12);
        Assert.Equal(1, OutcomeFormulas.MemberProbability(100, (100, 0.001), (-100, 0.001)));
        Assert.Equal(0, OutcomeFormulas.MemberProbability(-100, (100, 0.001), (-100, 0.001)));
    }

    [Theory]
    [InlineData(0.9, 0.5, 0.1, 0.05, 0.5)]
    [InlineData(0.9, 0.1, 0.1, 0.05, 0)]
    [InlineData(0.9, 0.9, 0.1, 0.05, 1)]
    [InlineData(0.9, 0, 0.1, 0.05, -0.125)]
    [InlineData(0.9, 0.5, 0.1, 0.41, double.NaN)] // 0.8 is less than two standard errors
    [InlineData(0.9, 0.5, 0.1, 0.39, 0.5)]
    [InlineData(0.109, 0.1, 0.1, 0.001, double.NaN)] // less than the floor
    [InlineData(0.111, 0.1, 0.1, 0.001, 0)]
    [InlineData(0.1, 0.5, 0.9, 0.05, double.NaN)] // nothing to unlearn
    public void TheResidualShareIsWhatIsLeftOfTheNeededDisplacement(double before, double after, double retrained, double error, double share) =>
        Assert.Equal(share, OutcomeFormulas.ResidualShare(before, after, retrained, error), 1e-12);

    [Theory]
    [InlineData(4, 1.5)]
    [InlineData(1, 0)]
    [InlineData(-4, 0)]
    public void ResidualMemoryCountsTheRememberingSideAlone(double logit, double memory) =>
        Assert.Equal(memory, OutcomeFormulas.ResidualMemory(logit, (1, 2)), 1e-12);

    // Of equal deviations, the best test cuts halfway; of equal means, where the densities cross on both sides.
    [Theory]
    [InlineData(1, 2, 1, 2, 0.5)]
    [InlineData(0, 1, 2, 1, 0.841344746069)]
    [InlineData(2, 1, 0, 1, 0.841344746069)]
    [InlineData(3, 2, -1, 2, 0.841344746069)]
    [InlineData(0, 1, 0, 2, 0.661337)] // cut at √(8 ln 2 / 3) = 1.35956: (1 + 2 (Φ(1.35956) − Φ(0.67978))) / 2
    [InlineData(5, 4, 5, 2, 0.661337)]
    [InlineData(-100, 1, 100, 0.5, 1)]
    public void TheAttackIsTheBestTestOfTwoNormals(double mean, double deviation, double otherMean, double otherDeviation, double accuracy) =>
        Assert.Equal(accuracy, OutcomeFormulas.AttackAccuracy((mean, deviation), (otherMean, otherDeviation)), 1e-6);
}
