namespace Unlearn.MLNet.Studies;

/// <summary>Seconds of work on two samples of rows, and on all rows by them.</summary>
/// <param name="Small">Rows of the smaller sample.</param>
/// <param name="SmallSeconds">Its seconds.</param>
/// <param name="Large">Rows of the larger sample.</param>
/// <param name="LargeSeconds">Its seconds.</param>
internal readonly record struct SampledSeconds(int Small, double SmallSeconds, int Large, double LargeSeconds)
{
    private const double HighestPower = 2;

    /// <summary>
    /// How many times faster than the rows seconds may grow and still be on a line. Trainings are on one, so what is a little above it is noise, which a
    /// power would make large.
    /// </summary>
    /// <value>Default 1.</value>
    public double Tolerance { get; init; } = 1;

    /// <summary>
    /// Seconds of the clock on all rows, by those of the processor: other work on the machine changes the clock's more from one sample to the other.
    /// </summary>
    public static double ByProcessor(int small, WorkTime ofSmall, int large, WorkTime ofLarge, int rows, double tolerance = 1) =>
        new SampledSeconds(small, ofSmall.CpuSeconds, large, ofLarge.CpuSeconds) { Tolerance = tolerance }.At(rows)
            * ofLarge.Seconds / Math.Max(1e-9, ofLarge.CpuSeconds);

    /// <summary>Seconds on all rows: a line where seconds grow no faster than the rows, else a power of the rows, up to the square.</summary>
    /// <param name="rows">Number of rows.</param>
    public double At(int rows)
    {
        if (rows == Large || Small >= Large)
            return LargeSeconds;
        var ratio = (double)Large / Small;
        var growth = LargeSeconds / Math.Max(1e-9, SmallSeconds);
        if (growth <= Tolerance * ratio)
            return LargeSeconds + Math.Max(0, LargeSeconds - SmallSeconds) / (Large - Small) * (rows - Large);
        var power = Math.Min(HighestPower, Math.Log(growth) / Math.Log(ratio));
        return LargeSeconds * Math.Pow((double)rows / Large, power);
    }
}
