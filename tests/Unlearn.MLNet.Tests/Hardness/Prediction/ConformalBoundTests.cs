using Unlearn.MLNet.Hardness.Prediction;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Prediction;

public sealed class ConformalBoundTests
{
    [Theory]
    [InlineData(9, 0.9, 9)]
    [InlineData(19, 0.9, 18)]
    [InlineData(99, 0.9, 90)]
    [InlineData(100, 0.9, 91)]
    [InlineData(99, 0.95, 95)]
    [InlineData(1, 0.5, 1)]
    public void The_quantile_is_the_score_of_rank_n_plus_1_times_1_minus_alpha(int rows, double confidence, double wanted)
    {
        var bound = ConformalBound.Fit([], [.. Enumerable.Range(1, rows).Reverse().Select(score => (0.0, (double)score))], confidence);
        Assert.Equal(wanted, bound.Of(5));
    }

    [Theory]
    [InlineData(0.9, 9)]
    [InlineData(0.95, 19)]
    [InlineData(0.5, 1)]
    [InlineData(0.8, 4)]
    public void Fewer_rows_have_no_finite_bound(double confidence, int fewest) => Assert.Equal(fewest, ConformalBound.FewestRows(confidence));

    [Fact]
    public void Each_bin_has_its_own_quantile_and_small_bins_join_a_neighbor()
    {
        // Levels 0, 1, 2: 200, 30 and 200 rows, with scores 0, 1 and 2.
        (double, double)[] rows = [.. Enumerable.Range(0, 430).Select(row => row < 200 ? (0.0, 0.0) : row < 230 ? (1, 1) : (2, 2))];
        var bound = ConformalBound.Fit([0.5, 1.5], rows, 0.9);
        Assert.Equal([1.5], bound.Edges);
        Assert.Equal((1, 1, 2), (bound.Of(0), bound.Of(1.5), bound.Of(1.6)));
        var even = ConformalBound.Fit([0.5, 1.5], [.. rows, .. Enumerable.Repeat((1.0, 1.0), 100)], 0.9);
        Assert.Equal([0.5, 1.5], even.Edges);
        Assert.Equal((0, 1, 2), (even.Of(0.5), even.Of(1), even.Of(9)));
        Assert.Empty(ConformalBound.Fit([0, 0], rows[..50], 0.9).Edges);
    }

    [Fact]
    public void Exchangeable_scores_are_covered_as_often_as_promised()
    {
        // P(next ≤ quantile) = ⌈(n + 1)(1 − α)⌉ / (n + 1) for any continuous law: 27 / 30 here.
        var random = new SeededRandom(1);
        const int Repetitions = 40_000;
        var covered = 0;
        for (var i = 0; i < Repetitions; i++)
            covered += Score() <= ConformalBound.Fit([], [.. Enumerable.Range(0, 29).Select(_ => (0.0, Score()))], 0.9).Of(0) ? 1 : 0;
        Assert.InRange(covered / (double)Repetitions, 0.9 - 0.006, 0.9 + 0.006);

        double Score() => Math.Exp(random.NextNormal());
    }
}
