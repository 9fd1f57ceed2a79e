using Unlearn.MLNet;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>An unlearner and what a run of it takes.</summary>
/// <param name="Unlearner">The unlearner, at its calibrated strength.</param>
/// <param name="Seconds">Processor seconds of a run.</param>
internal sealed record Method(IUnlearner Unlearner, double Seconds)
{
    public string Name => Unlearner.Name;

    /// <summary>
    /// Whether a run is worth it. Where a retraining is scheduled, waiting is free. Else runs are bought one at a time, until they would have cost a
    /// retraining, which serves all: the rule of renting or buying never pays more than twice the least.
    /// </summary>
    public bool IsWorthIt(Simulation now) => !now.IsRetrainingScheduled && now.UnlearningSeconds + Seconds <= now.World.RetrainingSeconds;
}
