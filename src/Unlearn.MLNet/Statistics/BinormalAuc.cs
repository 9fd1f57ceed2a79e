using System.Collections.Concurrent;

namespace Unlearn.MLNet.Statistics;

/// <summary>
/// A(ρ): the AUC of X for the label {Y is among its top share q}, where X and Y are standard normal with correlation ρ. With c the (1 − q) quantile,
/// A(ρ) = E[Φ(ρ(Y₁ − Y₂) / √(2(1 − ρ²)))], Y₁ ~ N(0, 1) above c, Y₂ ~ N(0, 1) below c.
/// It translates between correlations and AUCs, which depend on ranks alone.
/// </summary>
internal sealed class BinormalAuc
{
    private const int Nodes = 40;
    private const double Reach = 8;
    private const int MostSteps = 50;
    private const double Precision = 1e-13;

    private static readonly ConcurrentDictionary<double, BinormalAuc> Known = [];

    private readonly double _cut;
    private readonly (double Y, double Weight)[] _above;
    private readonly (double Y, double Weight)[] _below;

    private BinormalAuc(double share)
    {
        _cut = Quantile(1 - share);
        _above = Half(_cut, Math.Max(_cut, 0) + Reach);
        _below = Half(Math.Min(_cut, 0) - Reach, _cut);
    }

    /// <summary>The function for a share of hard rows.</summary>
    /// <param name="share">q, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is outside its range.</exception>
    public static BinormalAuc Of(double share) =>
        share is > 0 and < 1
            ? Known.GetOrAdd(share, of => new(of))
            : throw new ArgumentOutOfRangeException(nameof(share), share, $"A share of {share} hard rows was given: it must lie between 0 and 1.");

    /// <summary>A(ρ), in [0, 1], to about 1e-9.</summary>
    /// <param name="correlation">ρ, in [−1, 1].</param>
    public double At(double correlation)
    {
        if (Math.Abs(correlation) >= 1)
            return correlation > 0 ? 1 : 0;
        var slope = correlation / Math.Sqrt(2 * (1 - correlation * correlation));
        var sum = 0.0;
        foreach (var (above, weight) in _above)
            foreach (var (below, other) in _below)
                sum += weight * other * Cumulative(slope * (above - below));
        return sum;
    }

    /// <summary>A⁻¹: the correlation with which the AUC is as given, in [−1, 1].</summary>
    /// <param name="auc">The AUC, in [0, 1]; NaN gives NaN.</param>
    public double Inverse(double auc)
    {
        if (double.IsNaN(auc))
            return auc;
        if (auc <= 0 || auc >= 1)
            return auc <= 0 ? -1 : 1;
        // On the angle of the correlation, A is smooth up to its ends: the Illinois method (Dowell and Jarratt 1971) takes about eight steps.
        var (kept, moved) = ((Angle: -Math.PI / 2, Error: -auc), (Angle: Math.PI / 2, Error: 1 - auc));
        for (var step = 0; step < MostSteps; step++)
        {
            var angle = moved.Angle - moved.Error * (moved.Angle - kept.Angle) / (moved.Error - kept.Error);
            var error = At(Math.Sin(angle)) - auc;
            if (Math.Abs(error) < Precision)
                return Math.Sin(angle);
            kept = Math.Sign(error) == Math.Sign(moved.Error) ? (kept.Angle, kept.Error / 2) : moved;
            moved = (angle, error);
        }
        return Math.Sin(moved.Angle);
    }

    /// <summary>Share of Y's top share that is among X's too: E[Φ((ρY − c) / √(1 − ρ²))], Y ~ N(0, 1) above c; in [0, 1], q for ρ = 0.</summary>
    /// <param name="correlation">ρ, in [−1, 1].</param>
    public double Overlap(double correlation)
    {
        if (Math.Abs(correlation) >= 1)
            return correlation > 0 ? 1 : Math.Max(0, _above.Sum(node => node.Y < -_cut ? node.Weight : 0));
        var scale = Math.Sqrt(1 - correlation * correlation);
        return _above.Sum(node => node.Weight * Cumulative((correlation * node.Y - _cut) / scale));
    }

    /// <summary>Nodes and weights of the Gauss-Legendre rule on an interval, times the normal density, scaled to sum 1.</summary>
    private static (double Y, double Weight)[] Half(double from, double to)
    {
        var nodes = new (double Y, double Weight)[Nodes];
        for (var i = 0; i < Nodes; i++)
        {
            var (x, weight) = Legendre(i);
            var y = (from + to) / 2 + (to - from) / 2 * x;
            nodes[i] = (y, weight * Math.Exp(-y * y / 2));
        }
        var total = nodes.Sum(node => node.Weight);
        return [.. nodes.Select(node => (node.Y, node.Weight / total))];
    }

    private static (double X, double Weight) Legendre(int i)
    {
        var x = Math.Cos(Math.PI * (i + 0.75) / (Nodes + 0.5));
        for (var step = 0; ; step++)
        {
            var (value, before) = (1.0, 0.0);
            for (var n = 1; n <= Nodes; n++)
                (value, before) = (((2 * n - 1) * x * value - (n - 1) * before) / n, value);
            var slope = Nodes * (x * value - before) / (x * x - 1);
            if (step == 10)
                return (x, 2 / ((1 - x * x) * slope * slope));
            x -= value / slope;
        }
    }

    /// <summary>Φ, by erfc's continued fraction in the tails and its series at the center (Abramowitz and Stegun 7.1.6 and 7.1.14).</summary>
    internal static double Cumulative(double z)
    {
        var x = Math.Abs(z) / Math.Sqrt(2);
        if (x > 27)
            return z > 0 ? 1 : 0;
        double tail;
        if (x < 2.5)
        {
            var (term, sum) = (x, x);
            for (var n = 1; term > 1e-17 * sum; n++)
                sum += term *= 2 * x * x / (2 * n + 1);
            tail = 1 - 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
        }
        else
        {
            var fraction = 0.0;
            for (var n = 40; n >= 1; n--)
                fraction = n / 2.0 / (x + fraction);
            tail = Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (x + fraction);
        }
        return z > 0 ? 1 - tail / 2 : tail / 2;
    }

    private static double Quantile(double probability)
    {
        var (low, high) = (-Reach, Reach);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (Cumulative(middle) < probability)
                low = middle;
            else
                high = middle;
        }
        return (low + high) / 2;
    }
}
