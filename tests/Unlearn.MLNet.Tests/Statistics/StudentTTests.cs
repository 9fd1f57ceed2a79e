using Unlearn.MLNet.Statistics;
using Xunit;

namespace Unlearn.MLNet.Tests.Statistics;

public sealed class StudentTTests
{
    [Theory]
    [InlineData(1, 12.7062047)] // tan(0.475 π)
    [InlineData(2, 4.3026527)] // 0.95 √(2 / 0.0975)
    [InlineData(3, 3.1824463)]
    [InlineData(10, 2.2281389)]
    [InlineData(1000, 1.9623391)]
    public void Quantiles_are_those_of_the_tables(int degreesOfFreedom, double quantile) =>
        Assert.Equal(quantile, StudentT.Quantile975(degreesOfFreedom), 1e-5);

    [Fact]
    public void One_value_has_no_interval() => Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.Quantile975(0));
}
