namespace Unlearn.Benchmarks.Trials;

/// <summary>How fast single rows are unlearned on one core.</summary>
/// <param name="Name">What unlearns them.</param>
/// <param name="RowsPerMinute">Median.</param>
/// <param name="Low">Slowest repeat.</param>
/// <param name="High">Fastest repeat.</param>
internal sealed record SingleRowFigures(string Name, double RowsPerMinute, double Low, double High);
