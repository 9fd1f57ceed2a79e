namespace Unlearn.MLNet;

/// <summary>The trials of one unlearner, and what came of them.</summary>
/// <param name="Unlearner">The unlearner.</param>
/// <param name="Plan">Its trials.</param>
/// <param name="Run">What came of them.</param>
public sealed record UnlearnerRun(IUnlearner Unlearner, TrialPlan Plan, TrialRun Run);
