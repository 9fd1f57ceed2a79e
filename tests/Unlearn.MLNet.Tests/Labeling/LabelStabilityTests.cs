using Unlearn.MLNet.Labeling;
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
}
