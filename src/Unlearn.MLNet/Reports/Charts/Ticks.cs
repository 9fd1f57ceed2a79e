namespace Unlearn.MLNet.Reports.Charts;

/// <summary>Round axis values.</summary>
internal static class Ticks
{
    /// <summary>Multiples of 1, 2 or 5 times a power of ten within a range: about as many as wished.</summary>
    public static (double[] Values, string Format) Between(double low, double high, int wished)
    {
        var rough = (high - low) / Math.Max(1, wished);
        if (!(rough > 0) || double.IsInfinity(rough))
            return ([low], "0.###");

        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 };
        var decimals = Math.Max(0, (int)-Math.Floor(Math.Log10(step) + 1e-9));
        var first = (long)Math.Ceiling(low / step - 1e-9);
        var last = (long)Math.Floor(high / step + 1e-9);
        double[] values = [.. Enumerable.Range(0, (int)(last - first + 1)).Select(k => (first + k) * step)];
        return (values, decimals > 6 ? "0.#e0" : decimals == 0 ? "#,0" : $"0.{new string('0', decimals)}");
    }
}
