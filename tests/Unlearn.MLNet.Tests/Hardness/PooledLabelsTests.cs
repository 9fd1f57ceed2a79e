using Unlearn.MLNet.Hardness.CrossValidation;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness;

public sealed class PooledLabelsTests
{
    [Fact]
    public void Labels_of_one_or_two_others_are_all_there()
    {
        bool[][] labels = [[true, false, true], [false, false, true], [true, true, false]];
        Assert.Equal([(0, false), (2, true), (0, true), (2, false)], PooledLabels.Of(labels, 0, [0, 2], seed: 1));
        Assert.Equal([(1, false), (2, true)], PooledLabels.Of(labels[..2], 0, [1, 2], seed: 1));
    }

    [Fact]
    public void Of_many_others_each_row_has_two_labels_with_their_mean()
    {
        // Row r is hard for r % 7 of six others, and the one left out would say the opposite.
        const int Rows = 7000;
        bool[][] labels = [.. Enumerable.Range(0, 7).Select(unlearner =>
            Enumerable.Range(0, Rows).Select(row => unlearner == 3 ? row % 7 == 0 : (unlearner > 3 ? unlearner - 1 : unlearner) < row % 7).ToArray())];
        var pooled = PooledLabels.Of(labels, 3, [.. Enumerable.Range(0, Rows)], seed: 1);
        Assert.Equal(2 * Rows, pooled.Count);
        for (var hard = 0; hard <= 6; hard++)
        {
            var counts = pooled.Where(row => row.Row % 7 == hard).GroupBy(row => row.Row).Select(row => row.Count(copy => copy.Label)).ToList();
            Assert.InRange(counts.Average(), hard / 3.0 - 0.06, hard / 3.0 + 0.06);
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        }
        Assert.Equal(pooled.Where(row => row.Row < 100), PooledLabels.Of(labels, 3, [.. Enumerable.Range(0, 100)], seed: 1));
    }
}
