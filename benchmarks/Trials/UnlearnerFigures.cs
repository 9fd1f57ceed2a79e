namespace Unlearn.Benchmarks.Trials;

/// <summary>What an unlearner costs, and how far from retraining it ends.</summary>
/// <param name="Name">Name of the unlearner.</param>
/// <param name="CostVersusExact">Median of its seconds as a ratio to those of retraining without the same rows.</param>
/// <param name="RetrainGap">
/// Mean |p_y − p̄_R| of the forgotten rows: against retrained models that never saw them. That of retraining itself is the noise of one training.
/// </param>
internal sealed record UnlearnerFigures(string Name, double CostVersusExact, double RetrainGap);
