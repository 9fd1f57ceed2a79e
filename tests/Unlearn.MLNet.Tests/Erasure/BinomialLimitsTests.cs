using Unlearn.MLNet.Erasure.Auditing;
using Xunit;

namespace Unlearn.MLNet.Tests.Erasure;

public sealed class BinomialLimitsTests
{
    // Binomial tables: P(X > 0) = 0.0975 of 2, P(X > 1) = 0.0861 of 10, P(X > 3) = 0.1039 and P(X > 4) = 0.0328 of 40 at 0.05.
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(10, 1)]
    [InlineData(40, 4)]
    public void As_many_rows_are_allowed_as_exact_retraining_exceeds_rarely(int rows, int allowed) =>
        Assert.Equal(allowed, BinomialLimits.Upper(rows, 0.05, 0.1));

    [Fact]
    public void Limits_follow_the_sum_of_all_probabilities()
    {
        foreach (var trials in new[] { 1, 7, 30, 200 })
            foreach (var probability in new[] { 0.01, 0.05, 0.4 })
            {
                var (limit, tail) = (0, 1 - Probability(trials, 0, probability));
                while (tail > 0.1)
                    tail -= Probability(trials, ++limit, probability);
                Assert.Equal(limit, BinomialLimits.Upper(trials, probability, 0.1));
            }
        Assert.Equal(0, BinomialLimits.Upper(10, 0, 0.1));
    }

    [Fact]
    public void Wilsons_interval_has_its_known_values()
    {
        // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        Assert.Equal((0.2553, 0.3662), Rounded(81, 263));
        Assert.Equal((0.0624, 0.1605), Rounded(15, 148));
        Assert.Equal((0.0000, 0.1611), Rounded(0, 20));
        Assert.Equal((0.0061, 0.1718), Rounded(1, 29));

        static (double, double) Rounded(int count, int trials)
        {
            var (low, high) = BinomialLimits.Wilson(count, trials);
            return (Math.Round(low, 4), Math.Round(high, 4));
        }
    }

    private static double Probability(int trials, int count, double probability)
    {
        var value = Math.Pow(1 - probability, trials);
        for (var i = 1; i <= count; i++)
            value *= (trials - i + 1) / (double)i * probability / (1 - probability);
        return value;
    }
}
