using Unlearn.MLNet.Studies;
using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

public sealed class SampledSecondsTests
{
    [Theory]
    [InlineData(1, 2, 0, 20)] // linear
    [InlineData(1, 4, 0, 400)] // quadratic
    [InlineData(1, 100, 0, 10_000)] // no power above the square is believed
    [InlineData(5, 5, 0, 5)] // the same for any rows
    [InlineData(6, 7, 0, 25)] // a line from 5
    [InlineData(7, 6, 0, 6)] // noise: fewer seconds for more rows
    [InlineData(1, 2, 3, 23)] // what passes once is not extrapolated
    public void Seconds_of_ten_times_the_rows_are_known(double small, double large, double once, double expected) =>
        Assert.Equal(expected, new SampledSeconds(100, small, 200, large, once).At(2000), 1e-9);

    [Theory]
    [InlineData(1, 3, 39)] // a line in spite of the noise
    [InlineData(1, 4, 400)]
    public void Noise_makes_no_power(double small, double large, double expected) =>
        Assert.Equal(expected, new SampledSeconds(100, small, 200, large, 0) { Tolerance = 1.5 }.At(2000), 1e-9);

    [Fact]
    public void A_sample_of_all_rows_is_taken_as_it_is() => Assert.Equal(7, new SampledSeconds(100, 1, 200, 5, 2).At(200));
}
