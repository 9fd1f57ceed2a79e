using Unlearn.MLNet.GroundTruth;
using Xunit;

namespace Unlearn.MLNet.Tests.GroundTruth;

public sealed class RowStatisticsTests
{
    // Row 0 has none, row 1 one, row 2 two, and row 3 many that differ little for their size.
    private static readonly double[][] Values = [[], [4], [1, 4], [1e6 + 1, 1e6 + 2, 1e6 + 4, 1e6 + 9]];
    private static readonly RowStatistics Statistics = Fill();

    [Theory]
    [InlineData(0, double.NaN, double.NaN)]
    [InlineData(1, 4, double.NaN)]
    [InlineData(2, 2.5, 4.5)]
    [InlineData(3, 1e6 + 4, 38.0 / 3)]
    public void Mean_and_variance_are_those_of_the_rows_values(int row, double mean, double variance)
    {
        Assert.Equal(Values[row].Length, Statistics.Count(row));
        Assert.Equal(mean, Statistics.Mean(row), 1e-9);
        Assert.Equal(variance, Statistics.Variance(row), 1e-9);
        Assert.Equal(variance / Values[row].Length, Statistics.SquaredError(row), 1e-9);
        Assert.Equal((Values[row].Length, Statistics.Mean(row), Statistics.Variance(row)), Statistics.Without(row, null));
    }

    [Theory]
    [InlineData(1, 0, double.NaN, double.NaN)]
    [InlineData(2, 0, 4, double.NaN)]
    [InlineData(2, 1, 1, double.NaN)]
    [InlineData(3, 1, 1e6 + 14.0 / 3, 49.0 / 3)] // of 1, 4 and 9
    public void A_value_can_be_left_out(int row, int left, double mean, double variance)
    {
        var (count, meanOfOthers, varianceOfOthers) = Statistics.Without(row, Values[row][left]);
        Assert.Equal(Values[row].Length - 1, count);
        Assert.Equal(mean, meanOfOthers, 1e-8);
        Assert.Equal(variance, varianceOfOthers, 1e-4);
    }

    [Fact]
    public void The_mean_variance_is_that_of_the_rows_that_have_one()
    {
        Assert.Equal((4.5 + 38.0 / 3) / 2, Statistics.MeanVariance(), 1e-9);
        Assert.True(double.IsNaN(new RowStatistics(3).MeanVariance()));
    }

    private static RowStatistics Fill()
    {
        var statistics = new RowStatistics(Values.Length);
        for (var row = 0; row < Values.Length; row++)
            foreach (var value in Values[row])
                statistics.Add(row, value);
        return statistics;
    }
}
