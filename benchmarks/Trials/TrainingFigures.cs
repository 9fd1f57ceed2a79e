namespace Unlearn.Benchmarks.Trials;

/// <summary>How fast retraining trials of one recipe go in one mode.</summary>
/// <param name="Recipe">Name of the recipe.</param>
/// <param name="Mode"><c>workers1</c> and <c>workers2</c>: by the engine; <c>single</c> and <c>stacked</c>: the trainings alone, on one thread.</param>
/// <param name="TrialsPerMinute">Median.</param>
/// <param name="Low">Slowest repeat.</param>
/// <param name="High">Fastest repeat.</param>
internal sealed record TrainingFigures(string Recipe, string Mode, double TrialsPerMinute, double Low, double High);
