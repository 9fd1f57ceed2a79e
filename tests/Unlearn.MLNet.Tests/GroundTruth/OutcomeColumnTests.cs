using Xunit;

namespace Unlearn.MLNet.Tests.GroundTruth;

public sealed class OutcomeColumnTests
{
    private static readonly OutcomeColumn Column = new()
    {
        Outcome = Outcome.StepsToForget,
        Means = [1, double.NaN, 3, 8],
        StandardErrors = [0.5, 7, double.NaN, 0.1],
        CensoredShares = [0.5, 1, 0, 0.25],
    };

    [Fact]
    public void Figures_are_means_over_the_rows_that_were_measured()
    {
        Assert.Equal(3, Column.Rows);
        Assert.Equal(4, Column.Mean, 1e-12);
        Assert.Equal(0.3, Column.MeanError, 1e-12);
        Assert.Equal(0.25, Column.CensoredShare, 1e-12);
    }

    [Fact]
    public void Rows_that_were_not_measured_are_left_out_of_the_correlation()
    {
        Assert.Equal(1, Column.SpearmanWith([1, 99, 2, 3]), 1e-12);
        Assert.Equal(-0.5, Column.SpearmanWith([3, 99, 1, 2]), 1e-12);
    }

    [Fact]
    public void Without_a_measured_row_there_is_no_figure()
    {
        var empty = Column with { Means = [double.NaN, double.NaN, double.NaN, double.NaN] };
        Assert.Equal(0, empty.Rows);
        Assert.All([empty.Mean, empty.MeanError, empty.CensoredShare], figure => Assert.True(double.IsNaN(figure)));
    }
}
