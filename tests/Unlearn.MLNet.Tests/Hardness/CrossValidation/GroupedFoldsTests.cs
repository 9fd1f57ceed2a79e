using CsCheck;
using Unlearn.MLNet.Hardness.CrossValidation;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.CrossValidation;

public sealed class GroupedFoldsTests
{
    private static readonly Gen<(int[] Groups, int Seed)> Rows =
        from n in Gen.Int[60, 120]
        from groups in Gen.Int[0, 90].Array[n]
        from seed in Gen.Int
        select (groups, seed);

    [Fact]
    public void A_group_never_straddles_folds_and_every_row_has_one() => Rows.Where(r => r.Groups.Distinct().Count() >= 3).Sample(r =>
    {
        var folds = GroupedFolds.Split(r.Groups, 3, r.Seed);
        Assert.All(r.Groups.Zip(folds.Folds).GroupBy(row => row.First), group => Assert.Single(group.Select(row => row.Second).Distinct()));
        Assert.Equal(Enumerable.Range(0, r.Groups.Length), Enumerable.Range(0, 3).SelectMany(folds.HeldOut).Order());
        Assert.All(
            Enumerable.Range(0, 3), fold => Assert.Equal(Enumerable.Range(0, r.Groups.Length), folds.Training(fold).Concat(folds.HeldOut(fold)).Order()));
        Assert.Equal(folds.Folds, GroupedFolds.Split(r.Groups, 3, r.Seed).Folds);
    }, iter: 50);

    [Fact]
    public void Folds_differ_in_size_by_no_more_than_the_largest_group() => Rows.Where(r => r.Groups.Distinct().Count() >= 4).Sample(r =>
    {
        var folds = GroupedFolds.Split(r.Groups, 4, r.Seed);
        int[] sizes = [.. Enumerable.Range(0, 4).Select(fold => folds.HeldOut(fold).Length)];
        Assert.InRange(sizes.Max() - sizes.Min(), 0, r.Groups.CountBy(group => group).Max(group => group.Value));
        Assert.InRange(sizes.Min(), 1, r.Groups.Length);
    }, iter: 50);

    [Theory]
    [InlineData(1000, 5)]
    [InlineData(101, 4)]
    [InlineData(30, 3)]
    public void Rows_without_near_duplicates_are_split_evenly(int rows, int count)
    {
        var folds = GroupedFolds.Split([.. Enumerable.Range(0, rows)], count, seed: 3);
        int[] sizes = [.. Enumerable.Range(0, count).Select(fold => folds.HeldOut(fold).Length)];
        Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
    }

    [Fact]
    public void Folds_are_random_samples()
    {
        // Rows come in order of id, and ids may go with anything: of 200 hard rows that stand together, each fold gets 40, with a deviation of 5.
        var folds = GroupedFolds.Split([.. Enumerable.Range(0, 1000)], 5, seed: 1);
        Assert.All(Enumerable.Range(0, 5), fold => Assert.InRange(folds.HeldOut(fold).Count(row => row < 200), 20, 60));
    }

    [Fact]
    public void Another_seed_gives_other_folds()
    {
        int[] groups = [.. Enumerable.Range(0, 100)];
        Assert.NotEqual(GroupedFolds.Split(groups, 5, 1).Folds, GroupedFolds.Split(groups, 5, 2).Folds);
    }

    [Fact]
    public void Folds_that_leave_one_label_to_train_on_are_refused_with_the_reason()
    {
        bool[] labels = [.. Enumerable.Range(0, 50).Select(row => row < 10)];
        var folds = GroupedFolds.Split([.. Enumerable.Range(0, 50).Select(row => row < 10 ? 0 : row)], 5, 1);
        Assert.Matches("Without fold 1 of 5, 40 of 50 rows are left to train on, and none of them is hard for X.*use more folds",
            Assert.Throws<ArgumentException>(() => folds.DemandBothLabels(labels, "X")).Message);
        Assert.Contains("none of them is easy for X",
            Assert.Throws<ArgumentException>(() => folds.DemandBothLabels([.. labels.Select(hard => !hard)], "X")).Message, StringComparison.Ordinal);

        // A fold may lack hard rows itself: 3 hard rows of 30 are fewer than the folds.
        GroupedFolds.Split([.. Enumerable.Range(0, 30)], 5, 1).DemandBothLabels([.. Enumerable.Range(0, 30).Select(row => row < 3)], "X");
    }

    [Fact]
    public void Too_few_groups_or_folds_are_refused()
    {
        Assert.Contains("6 rows in 2 groups of near-duplicates cannot fill 3 folds",
            Assert.Throws<ArgumentException>(() => GroupedFolds.Split([1, 1, 1, 2, 2, 2], 3, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => GroupedFolds.Split([1, 2, 3], 1, 1));
    }
}
