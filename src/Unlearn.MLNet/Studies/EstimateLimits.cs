using Unlearn.Transforms;

namespace Unlearn.MLNet.Studies;

/// <summary>How long the parts of an estimate may take, before they are timed on samples of the rows or only counted.</summary>
internal sealed record EstimateLimits
{
    /// <summary>Rows of the large sample for each row of the small one.</summary>
    public const int SampleRatio = 4;

    private const int Rounding = 100;

    /// <summary>Seconds of one batch of each unlearner, from which on trials are timed on samples.</summary>
    public double LongestBatches { get; init; } = 90;

    /// <summary>Seconds of one batch of each unlearner on the large sample.</summary>
    public double SampleSeconds { get; init; } = 45;

    /// <summary>Fewest rows of the large sample.</summary>
    public int SmallestSample { get; init; } = 1000;

    /// <summary>Seconds of the longest calibration that is run.</summary>
    public double LongestCalibration { get; init; } = 60;

    /// <summary>Rows of two samples that trials are timed on.</summary>
    /// <param name="rows">Number of all rows.</param>
    /// <param name="batchSeconds">Seconds of one batch of each unlearner on all rows.</param>
    /// <param name="smallestShare">The smallest share of the rows that a trial forgets or retains; it is at least one row of a sample.</param>
    /// <returns>The numbers of rows; <see langword="null"/> where all rows are quick, or the samples would hold more than half of them.</returns>
    public (int Small, int Large)? Samples(int rows, double batchSeconds, double smallestShare)
    {
        if (batchSeconds <= LongestBatches)
            return null;
        var small = Math.Max(
            Math.Max(SmallestSample / SampleRatio, Math.Ceiling(1 / smallestShare)),
            Math.Floor(rows * SampleSeconds / batchSeconds / SampleRatio / Rounding) * Rounding);
        return small * SampleRatio > rows / 2 ? null : ((int)small, (int)small * SampleRatio);
    }

    /// <summary>A sample of rows, spread evenly, which keep their order.</summary>
    public static TrainingRows Sample(TrainingRows rows, int count) =>
        rows.Only([.. Enumerable.Range(0, count).Select(i => (int)((long)i * rows.Count / count))]);
}
