using Unlearn.MLNet.Hardness.Prediction;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Prediction;

public sealed class GroupSplitTests
{
    // 100 rows in groups of 1 to 4.
    private static readonly int[] Groups =
    [
        .. Enumerable.Range(0, 10).SelectMany(block => new[] { 0, 1, 1, 2, 2, 2, 3, 3, 3, 3 }.Select(group => 4 * block + group)),
    ];

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Whole_groups_are_drawn_until_they_have_their_share(double share)
    {
        var split = GroupSplit.Draw(Groups, share, seed: 3);
        Assert.Equal(Enumerable.Range(0, Groups.Length), split.Training.Concat(split.Calibration).Order());
        Assert.Equal(split.Training.Order(), split.Training);
        Assert.Equal(split.Calibration.Order(), split.Calibration);
        Assert.Empty(split.Training.Select(row => Groups[row]).Intersect(split.Calibration.Select(row => Groups[row])));
        // Single rows fill what larger groups would exceed, as long as there are any.
        Assert.InRange(split.Calibration.Length, share * Groups.Length - 1, share * Groups.Length);
        Assert.Same(Groups, split.Groups);
    }

    [Fact]
    public void A_group_that_would_exceed_the_share_stays_in_training()
    {
        Assert.Empty(GroupSplit.Draw([7, 7, 7, 7], 0.5, seed: 1).Calibration);
        Assert.Equal(2, GroupSplit.Draw([7, 7, 9, 9], 0.5, seed: 1).Calibration.Length);
    }

    [Fact]
    public void Another_seed_draws_other_groups_and_the_same_the_same()
    {
        Assert.Equal(GroupSplit.Draw(Groups, 0.3, 1).Calibration, GroupSplit.Draw(Groups, 0.3, 1).Calibration);
        Assert.NotEqual(GroupSplit.Draw(Groups, 0.3, 1).Calibration, GroupSplit.Draw(Groups, 0.3, 2).Calibration);
        var counts = new int[Groups.Length];
        foreach (var row in Enumerable.Range(0, 200).SelectMany(seed => GroupSplit.Draw(Groups, 0.3, seed).Calibration))
            counts[row]++;
        Assert.All(counts, count => Assert.InRange(count, 30, 90)); // 60 expected
    }
}
