using Unlearn.MLNet.Studies;
using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

public sealed class SampledSecondsTests
{
    [Theory]
    [InlineData(1, 2, 20)] // linear
    [InlineData(1, 4, 400)] // quadratic
    [InlineData(1, 100, 10_000)] // no power above the square is believed
    [InlineData(5, 5, 5)] // the same for any rows
    [InlineData(6, 7, 25)] // a line from 5
    [InlineData(7, 6, 6)] // noise: fewer seconds for more rows
    public void Seconds_of_ten_times_the_rows_are_known(double small, double large, double expected) =>
        Assert.Equal(expected, new SampledSeconds(100, small, 200, large).At(2000), 1e-9);

    [Theory]
    [InlineData(1, 9, 2, 2, 20)] // other work beside the small sample changes nothing
    [InlineData(1, 1, 2, 4, 40)] // a machine that stays busy
    [InlineData(1, 1, 0, 0, 0)]
    public void The_processor_says_how_seconds_grow_and_the_clock_how_long_they_are(
        double small, double smallClock, double large, double largeClock, double expected) =>
        Assert.Equal(expected, SampledSeconds.ByProcessor(100, new(smallClock, small), 200, new(largeClock, large), 2000), 1e-9);

    [Theory]
    [InlineData(1, 3, 39)] // a line in spite of the noise
    [InlineData(1, 4, 400)]
    public void Noise_makes_no_power(double small, double large, double expected) =>
        Assert.Equal(expected, new SampledSeconds(100, small, 200, large) { Tolerance = 1.5 }.At(2000), 1e-9);

    [Fact]
    public void A_sample_of_all_rows_is_taken_as_it_is() => Assert.Equal(5, new SampledSeconds(100, 1, 200, 5).At(200));
}
