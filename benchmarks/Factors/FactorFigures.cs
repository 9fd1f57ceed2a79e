namespace Unlearn.Benchmarks.Factors;

/// <summary>What one factor of one model costs.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Factor">Name of the factor's column, <c>T0</c> for all of that tier together, a statistic's name and <c>Fit</c> for its fit.</param>
/// <param name="Ratio">Median of its time as a ratio to forward + backward over the same rows, measured just before and after.</param>
/// <param name="RatioLow">Smallest ratio.</param>
/// <param name="RatioHigh">Largest ratio.</param>
/// <param name="RowsPerSecond">Rows per second at the median.</param>
/// <param name="PeakMegabytes">Peak of the process's memory meanwhile.</param>
internal sealed record FactorFigures(string Model, string Factor, double Ratio, double RatioLow, double RatioHigh, double RowsPerSecond, double PeakMegabytes);
