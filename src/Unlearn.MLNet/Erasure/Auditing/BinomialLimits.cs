namespace Unlearn.MLNet.Erasure.Auditing;

/// <summary>Limits of counts that are binomially distributed.</summary>
internal static class BinomialLimits
{
    private const double Z95 = 1.959963984540054;

    /// <summary>The smallest number that a count exceeds with a probability of at most α.</summary>
    /// <param name="trials">Number of trials, from 1.</param>
    /// <param name="probability">Probability of each, in [0, 1).</param>
    /// <param name="alpha">α, in (0, 1).</param>
    public static int Upper(int trials, double probability, double alpha)
    {
        if (probability <= 0)
            return 0;
        var log = trials * Math.Log(1 - probability);
        var cumulative = Math.Exp(log);
        var count = 0;
        while (1 - cumulative > alpha && count < trials)
        {
            count++;
            log += Math.Log((trials - count + 1) / (double)count * probability / (1 - probability));
            cumulative += Math.Exp(log);
        }
        return count;
    }

    /// <summary>95 % interval of a share (Wilson 1927).</summary>
    /// <param name="count">How often it was seen.</param>
    /// <param name="trials">How often it was looked for, from 1.</param>
    public static (double Low, double High) Wilson(int count, int trials)
    {
        var share = count / (double)trials;
        var (z2, scale) = (Z95 * Z95, 1 + Z95 * Z95 / trials);
        var center = (share + z2 / (2 * trials)) / scale;
        var half = Z95 * Math.Sqrt(share * (1 - share) / trials + z2 / (4.0 * trials * trials)) / scale;
        return (count == 0 ? 0 : center - half, count == trials ? 1 : center + half);
    }
}
