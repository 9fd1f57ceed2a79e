using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

public sealed class TargetSummaryTests
{
    // 2 % positives: an accuracy of 0.98 is what answering "no" always gives.
    [Theory]
    [InlineData(0.98, 1.0, 0.0, 0.98, true)]
    [InlineData(0.985, 0.999, 0.3, 0.98, false)]
    [InlineData(0.52, 0.5, 0.54, 0.5, true)]
    [InlineData(0.9, 0.9, 0.9, 0.5, false)]
    public void A_target_that_is_no_better_than_the_largest_class_is_told(double accuracy, double first, double second, double majority, bool isTold)
    {
        TargetSummary target = new()
        {
            Description = "a target",
            Rows = 600,
            TestRows = 600,
            TrainAccuracy = 0.99,
            TestAccuracy = accuracy,
            Recalls = [first, second],
            MajorityShare = majority,
        };
        Assert.Equal((first + second) / 2, target.BalancedAccuracy, 1e-12);
        Assert.Equal(isTold, target.Warning?.StartsWith("The target is no better than the majority class", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Unknown_recalls_warn_of_nothing() =>
        Assert.Null(new TargetSummary { Description = "a target", Rows = 600, TestRows = 600, TrainAccuracy = 0.99, TestAccuracy = 0.5 }.Warning);
}
