namespace Unlearn.MLNet.Studies;

/// <summary>Seconds of work on two samples of rows, and on all rows by them.</summary>
/// <param name="Small">Rows of the smaller sample.</param>
/// <param name="SmallSeconds">Its seconds.</param>
/// <param name="Large">Rows of the larger sample.</param>
/// <param name="LargeSeconds">Its seconds.</param>
/// <param name="OnceSeconds">Seconds that pass once, whatever the rows: compiling.</param>
internal readonly record struct SampledSeconds(int Small, double SmallSeconds, int Large, double LargeSeconds, double OnceSeconds)
{
    private const double HighestPower = 2;

    /// <summary>
    /// How many times faster than the rows seconds may grow and still be on a line. Trainings are on one, so what is a little above it is noise, which a
    /// power would make large.
    /// </summary>
    /// <value>Default 1.</value>
    public double Tolerance { get; init; } = 1;

    /// <summary>Seconds on all rows: a line where seconds grow no faster than the rows, else a power of the rows, up to the square.</summary>
    /// <param name="rows">Number of rows.</param>
    public double At(int rows)
    {
        if (rows == Large || Small >= Large)
            return OnceSeconds + LargeSeconds;
        var ratio = (double)Large / Small;
        var growth = LargeSeconds / Math.Max(1e-9, SmallSeconds);
        if (growth <= Tolerance * ratio)
            return OnceSeconds + LargeSeconds + Math.Max(0, LargeSeconds - SmallSeconds) / (Large - Small) * (rows - Large);
        var power = Math.Min(HighestPower, Math.Log(growth) / Math.Log(ratio));
        return OnceSeconds + LargeSeconds * Math.Pow((double)rows / Large, power);
    }
}
