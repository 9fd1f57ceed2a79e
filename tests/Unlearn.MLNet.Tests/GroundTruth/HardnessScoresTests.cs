using Xunit;

namespace Unlearn.MLNet.Tests.GroundTruth;

public sealed class HardnessScoresTests
{
    [Theory]
    [InlineData(8, 0.2, 2)] // 1.6
    [InlineData(7, 0.2, 1)] // 1.4
    [InlineData(10, 0.2, 2)]
    [InlineData(10, 0.94, 9)] // 9.4
    public void The_number_of_hard_rows_is_the_nearest_whole_number(int rows, double share, int hard) =>
        Assert.Equal(hard, HardnessScores.Label([.. Enumerable.Range(0, rows).Select(row => (double)row)], share).Count(label => label));

    [Fact]
    public void The_hardest_rows_have_the_highest_scores() => Assert.Equal([false, true, false, true], HardnessScores.Label([0.1, 0.9, -3, 0.2], 0.5));

    [Fact]
    public void Ties_go_to_the_earlier_row()
    {
        Assert.Equal([true, true, false, false], HardnessScores.Label([5, 5, 5, 5], 0.5));
        Assert.Equal([false, true, false, true, false], HardnessScores.Label([1, 2, 1, 7, 2], 0.4));
    }

    [Theory]
    [InlineData(0.1)] // 0.4
    [InlineData(0.9)] // 3.6
    public void Rows_of_one_kind_only_are_refused(double share) =>
        Assert.Throws<ArgumentException>(nameof(share), () => HardnessScores.Label([1, 2, 3, 4], share));
}
