using Unlearn.MLNet.Labeling;
using Unlearn.MLNet.Statistics;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Labeling;

public sealed class LabelStabilityTests
{
    [Fact]
    public void SameScoresAreStableAndOppositeOnesAreNot()
    {
        double[] up = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], down = [.. up.Reverse()];
        Assert.Equal(new LabelStability { Runs = 2, Spearman = 1, Overlap = 1, Chance = 0.2 }, LabelStability.Of([up, up], 0.2));
        Assert.Equal(new LabelStability { Runs = 2, Spearman = -1, Overlap = 0, Chance = 0.2 }, LabelStability.Of([up, down], 0.2));
        var three = LabelStability.Of([up, up, down], 0.2);
        Assert.Equal(-1 / 3.0, three.Spearman, 1e-12);
        Assert.Equal(1 / 3.0, three.Overlap, 1e-12);
    }

    [Fact]
    public void RunsOfOtherRowsAndASingleRunAreRefused()
    {
        Assert.Throws<ArgumentException>(() => LabelStability.Of([[1, 2, 3]], 0.5));
        Assert.Throws<ArgumentException>(() => LabelStability.Of([[1, 2, 3], [1, 2]], 0.5));
    }

    [Fact]
    public void NoiseAloneLeavesWhatTheCeilingsSay()
    {
        // Six noisy looks at one score: two halves of three runs. A run's score is the mean of its halves.
        const int Rows = 40_000;
        var random = new SeededRandom(1);
        double[] truth = [.. Enumerable.Range(0, Rows).Select(_ => random.NextNormal())];
        double[] noises = [0.5, 1, 1.5];
        var halves = noises.Select(noise => new[] { Look(noise), Look(noise) }).ToArray();
        var scores = halves.Select(half => half[0].Zip(half[1], (a, b) => (a + b) / 2).ToArray()).ToArray();
        ScoreReliability[] reliabilities = [.. halves.Select(half => Reliability(half[0], half[1]))];
        var found = LabelStability.Of(scores, 0.2, reliabilities);
        Assert.Equal(found.SpearmanCeiling, found.Spearman, 0.01);
        Assert.Equal(found.OverlapCeiling, found.Overlap, 0.015);
        Assert.InRange(found.Overlap, 0.5, 0.8);

        // Another truth in one of the runs falls short of the ceilings.
        double[][] others = [scores[0], [.. scores[0].Select((score, row) => score + Rest(row))]];
        var differs = LabelStability.Of(others, 0.2, [reliabilities[0], reliabilities[0]]);
        Assert.True(differs.Overlap < differs.OverlapCeiling - 0.1 && differs.Spearman < differs.SpearmanCeiling - 0.1);

        double[] Look(double noise) => [.. truth.Select(value => value + noise * random.NextNormal())];
        static ScoreReliability Reliability(double[] one, double[] other) =>
            new(RankStatistics.Auc(one, HardnessScores.Label(other, 0.2)), RankStatistics.Spearman(one, other));
        static double Rest(int row) => row % 2 == 0 ? 2 : -2;
    }

    [Fact]
    public void CeilingsWithoutReliabilitiesAreUnknownAndPerfectHalvesAllowEverything()
    {
        double[] up = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        Assert.Equal(double.NaN, LabelStability.Of([up, up], 0.2).OverlapCeiling);
        var perfect = LabelStability.Of([up, up], 0.2, [new(1, 1), new(1, 1)]);
        Assert.Equal((1, 1), (perfect.OverlapCeiling, perfect.SpearmanCeiling), (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-9);
        var none = LabelStability.Of([up, up], 0.2, [new(0.5, 0), new(0.5, 0)]);
        Assert.Equal(0.2, none.OverlapCeiling, 1e-6);
        Assert.Equal(0, none.SpearmanCeiling, 1e-6);
    }
}
