namespace Unlearn.Benchmarks.Trials;

/// <summary>What the engine adds to trials of one kind.</summary>
/// <param name="Trials">The kind.</param>
/// <param name="TrialMilliseconds">A trial without the engine: unlearning and measuring. Median.</param>
/// <param name="EngineMilliseconds">The engine's own work for one: planning, claiming, keeping and reading its result. Median.</param>
/// <param name="Share">The engine's part of both together, in [0, 1]. Median.</param>
/// <param name="Low">Smallest share.</param>
/// <param name="High">Largest share.</param>
internal sealed record EngineFigures(string Trials, double TrialMilliseconds, double EngineMilliseconds, double Share, double Low, double High);
