using CsCheck;
using Unlearn.MLNet.Hardness.CrossValidation;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness;

public sealed class GroupedFoldsTests
{
    private static readonly Gen<(bool[][] Labels, int[] Groups, int Seed)> Rows =
        from n in Gen.Int[60, 120]
        from hard in Gen.Int[0, 3].Select(x => x == 0).Array[n].Array[1, 3]
        from groups in Gen.Int[0, 90].Array[n]
        from seed in Gen.Int
        select (hard, groups, seed);

    [Fact]
    public void A_group_never_straddles_folds_and_every_row_has_one() => Rows.Where(r => CanBeSplit(r.Labels, r.Groups)).Sample(r =>
    {
        var folds = GroupedFolds.Split(r.Labels, r.Groups, 3, r.Seed);
        Assert.All(r.Groups.Zip(folds.Folds).GroupBy(row => row.First), group => Assert.Single(group.Select(row => row.Second).Distinct()));
        Assert.Equal(Enumerable.Range(0, r.Groups.Length), Enumerable.Range(0, 3).SelectMany(folds.HeldOut).Order());
        Assert.All(Enumerable.Range(0, 3), fold => Assert.Equal(Enumerable.Range(0, r.Groups.Length), folds.Training(fold).Concat(folds.HeldOut(fold)).Order()));
        Assert.Equal(folds.Folds, GroupedFolds.Split(r.Labels, r.Groups, 3, r.Seed).Folds);
    }, iter: 50);

    [Theory]
    [InlineData(1000, 5)]
    [InlineData(101, 4)]
    [InlineData(30, 3)]
    public void Rows_without_near_duplicates_are_split_evenly_in_both_classes(int rows, int count)
    {
        bool[] labels = [.. Enumerable.Range(0, rows).Select(row => row % 5 == 0)];
        var folds = GroupedFolds.Split([labels], [.. Enumerable.Range(0, rows)], count, seed: 3);
        foreach (var label in new[] { true, false })
        {
            var counts = Enumerable.Range(0, count).Select(fold => folds.HeldOut(fold).Count(row => labels[row] == label)).ToArray();
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        }
    }

    [Fact]
    public void Labels_of_several_unlearners_are_balanced_at_once()
    {
        var random = new Random(5);
        bool[][] labels = [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 1000).Select(_ => random.NextDouble() < 0.2).ToArray())];
        var folds = GroupedFolds.Split(labels, [.. Enumerable.Range(0, 1000).Select(row => row / 2)], 5, seed: 1);
        foreach (var labeling in labels)
        {
            var expected = labeling.Count(hard => hard) / 5.0;
            Assert.All(Enumerable.Range(0, 5), fold => Assert.InRange(folds.HeldOut(fold).Count(row => labeling[row]), expected - 4, expected + 4));
        }
    }

    [Fact]
    public void Another_seed_gives_other_folds()
    {
        bool[] labels = [.. Enumerable.Range(0, 100).Select(row => row % 4 == 0)];
        int[] groups = [.. Enumerable.Range(0, 100)];
        Assert.NotEqual(GroupedFolds.Split([labels], groups, 5, 1).Folds, GroupedFolds.Split([labels], groups, 5, 2).Folds);
    }

    [Fact]
    public void A_fold_of_one_class_is_refused_with_its_reason()
    {
        bool[] labels = [.. Enumerable.Range(0, 50).Select(row => row < 10)];
        int[] groups = [.. Enumerable.Range(0, 50).Select(row => row < 10 ? 0 : row)];
        var refusal = Assert.Throws<ArgumentException>(() => GroupedFolds.Split([labels], groups, 5, 1));
        Assert.Matches("Fold [1-5] of 5 over 50 rows in 41 groups has no hard row under labeling 1, so it holds rows of one label only.*use fewer folds", refusal.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => GroupedFolds.Split([labels], groups, 1, 1));
        Assert.Throws<ArgumentException>(() => GroupedFolds.Split([labels], groups[1..], 5, 1));
    }

    // Enough groups of its own for each class: then the greedy split always succeeds.
    private static bool CanBeSplit(bool[][] labels, int[] groups) => labels.All(labeling =>
        new[] { true, false }.All(label => Enumerable.Range(0, groups.Length).Where(row => labeling[row] == label).Select(row => groups[row]).Distinct().Count() >= 9));
}
