using Unlearn.MLNet.Statistics;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Statistics;

public sealed class BinormalAucTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 1)]
    [InlineData(-1, 0)]
    public void Its_ends_and_its_middle_are_known(double correlation, double auc) => Assert.Equal(auc, BinormalAuc.Of(0.2).At(correlation), 1e-12);

    [Theory]
    [InlineData(0.2, 0.7)]
    [InlineData(0.5, 0.4)]
    [InlineData(0.05, 0.9)]
    public void It_is_the_mean_over_pairs_of_a_hard_and_an_easy_row(double share, double correlation)
    {
        var random = new SeededRandom(11);
        const int rows = 100_000;
        double[] y = [.. Enumerable.Range(0, rows).Select(_ => random.NextNormal())];
        double[] x = [.. y.Select(value => correlation * value + Math.Sqrt(1 - correlation * correlation) * random.NextNormal())];
        Assert.Equal(RankStatistics.Auc(x, HardnessScores.Label(y, share)), BinormalAuc.Of(share).At(correlation), 0.006);
    }

    // With half of the rows hard, both are orthants of normal distributions (Sheppard 1899).
    [Theory]
    [InlineData(-0.8)]
    [InlineData(0.1)]
    [InlineData(0.6)]
    [InlineData(0.99)]
    public void With_half_of_the_rows_hard_it_has_a_closed_form(double correlation)
    {
        Assert.Equal(0.5 + 2 * Math.Asin(correlation / Math.Sqrt(2)) / Math.PI, BinormalAuc.Of(0.5).At(correlation), 1e-9);
        Assert.Equal(0.5 + Math.Asin(correlation) / Math.PI, BinormalAuc.Of(0.5).Overlap(correlation), 1e-9);
    }

    [Theory]
    [InlineData(0.1, 0.7)]
    [InlineData(0.2, -0.3)]
    [InlineData(0.7, 0.5)]
    public void The_overlap_is_the_share_of_the_hard_rows_among_the_highest_of_the_other(double share, double correlation)
    {
        var random = new SeededRandom(12);
        const int rows = 100_000;
        double[] y = [.. Enumerable.Range(0, rows).Select(_ => random.NextNormal())];
        double[] x = [.. y.Select(value => correlation * value + Math.Sqrt(1 - correlation * correlation) * random.NextNormal())];
        var (hard, highest) = (HardnessScores.Label(y, share), HardnessScores.Label(x, share));
        Assert.Equal(hard.Zip(highest).Count(row => row.First && row.Second) / (share * rows), BinormalAuc.Of(share).Overlap(correlation), 0.01);
    }

    [Theory]
    [InlineData(0.2, 0, 0.2)]
    [InlineData(0.2, 1, 1)]
    [InlineData(0.2, -1, 0)]
    [InlineData(0.7, -1, 4.0 / 7)] // the lowest 30 % of the one are the highest of the other, and leave 40 % that both have
    public void The_overlap_is_known_at_its_ends_and_without_correlation(double share, double correlation, double overlap) =>
        Assert.Equal(overlap, BinormalAuc.Of(share).Overlap(correlation), share == 0.7 ? 0.03 : 1e-9);

    [Theory]
    [InlineData(0, -1)]
    [InlineData(-0.1, -1)]
    [InlineData(1, 1)]
    [InlineData(1.1, 1)]
    [InlineData(double.NaN, double.NaN)]
    public void The_inverse_of_an_end_is_an_end(double auc, double correlation) => Assert.Equal(correlation, BinormalAuc.Of(0.3).Inverse(auc));

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.2)]
    [InlineData(0.5)]
    public void The_inverse_undoes_it_and_it_rises(double share)
    {
        var normal = BinormalAuc.Of(share);
        var before = 0.0;
        foreach (var correlation in (double[])[-0.999, -0.5, -0.1, 0, 0.1, 0.5, 0.9, 0.99, 0.9999])
        {
            var auc = normal.At(correlation);
            Assert.True(auc > before);
            Assert.Equal(correlation, normal.Inverse(auc), 1e-7);
            before = auc;
        }
        Assert.Equal(1, normal.At(0.4) + normal.At(-0.4), 1e-12);
    }

    // Known values of Φ to 12 digits.
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.841344746069)]
    [InlineData(-1.959963984540, 0.025)]
    [InlineData(3.6, 0.999840891409)]
    [InlineData(-6, 9.86587645e-10)]
    public void The_normal_distribution_is_exact(double z, double probability) => Assert.Equal(probability, BinormalAuc.Cumulative(z), 1e-12);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_share_outside_its_range_is_refused(double share) => Assert.Throws<ArgumentOutOfRangeException>(() => BinormalAuc.Of(share));
}
