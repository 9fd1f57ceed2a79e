using System.Numerics;

namespace Unlearn.Transforms;

/// <summary>Random draws that are the same for a seed on every platform and in every version. .NET does not promise this for <see cref="Random"/>.</summary>
/// <remarks>
/// The generator is xoshiro256** (Blackman and Vigna, ACM TOMS 47, 2021). Its four words are the first four of SplitMix64 from the seed, as its authors advise.
/// It is not for secrets. An instance serves one thread.
/// </remarks>
public sealed class SeededRandom
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>Creates a generator.</summary>
    /// <param name="seed">Any number; all of its 64 bits count. Derive it with <see cref="Seed.Derive"/>, so that no two draws share one.</param>
    public SeededRandom(long seed)
    {
        var state = (ulong)seed;
        (_s0, _s1, _s2, _s3) = (SplitMix64(ref state), SplitMix64(ref state), SplitMix64(ref state), SplitMix64(ref state));
    }

    /// <summary>A generator of a known state; not all four words may be 0.</summary>
    internal SeededRandom(ulong s0, ulong s1, ulong s2, ulong s3) => (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);

    /// <summary>Draws 64 random bits.</summary>
    public ulong NextBits()
    {
        var bits = BitOperations.RotateLeft(unchecked(_s1 * 5), 7);
        var shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return unchecked(bits * 9);
    }

    /// <summary>
    /// Draws an integer from 0 to below a bound, each exactly as likely (Lemire, ACM TOMACS 29, 2019: a product's high half, where its low half is
    /// not rejected).
    /// </summary>
    /// <param name="bound">The bound, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bound is below 1.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var count = (ulong)bound;
        var high = Math.BigMul(NextBits(), count, out ulong low);
        if (low < count)
        {
            // 2⁶⁴ modulo the bound: so many products too many.
            var rejected = unchecked(0 - count) % count;
            while (low < rejected)
                high = Math.BigMul(NextBits(), count, out low);
        }
        return (int)high;
    }

    /// <summary>Draws a number from 0 to below 1: a multiple of 2⁻⁵³, each as likely.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>
    /// Draws from the normal distribution of mean 0 and variance 1, exactly but for the 53 bits of <see cref="NextDouble"/> (Karney, ACM TOMS 42,
    /// 2016, arXiv 1303.6257, algorithm N). It takes no logarithm, since the last bit of a logarithm differs between platforms.
    /// </summary>
    public double NextNormal()
    {
        while (true)
        {
            var whole = 0;
            while (IsExponential(0.5, 1))
                whole++;
            if (!AreExponential(whole * (whole - 1), 0.5, 1))
                continue;
            var part = NextDouble();
            if (!AreExponential(whole + 1, part, (2 * whole + part) / (2 * whole + 2)))
                continue;
            return NextBits() >> 63 == 0 ? whole + part : -(whole + part);
        }
    }

    /// <summary>Puts values into a random order, each order as likely (Fisher and Yates, from the last to the first).</summary>
    /// <param name="values">The values.</param>
    /// <typeparam name="T">Their type.</typeparam>
    public void Shuffle<T>(Span<T> values)
    {
        for (var last = values.Length - 1; last > 0; last--)
        {
            var other = Next(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }

    // True with probability exp(−factor·start), by von Neumann's runs of falling numbers.
    private bool IsExponential(double start, double factor)
    {
        var isEven = true;
        for (var last = start; ; isEven = !isEven)
        {
            var next = NextDouble();
            if (next >= last || factor < 1 && NextDouble() >= factor)
                return isEven;
            last = next;
        }
    }

    private bool AreExponential(int times, double start, double factor)
    {
        for (var i = 0; i < times; i++)
            if (!IsExponential(start, factor))
                return false;
        return true;
    }

    private static ulong SplitMix64(ref ulong state)
    {
        unchecked
        {
            var mixed = state += 0x9e3779b97f4a7c15;
            mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
            mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
            return mixed ^ mixed >> 31;
        }
    }
}
