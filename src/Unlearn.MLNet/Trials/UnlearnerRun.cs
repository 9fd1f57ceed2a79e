using Unlearn.MLNet.Unlearners;

namespace Unlearn.MLNet.Trials;

/// <summary>The trials of one unlearner, and what came of them.</summary>
public sealed record UnlearnerRun
{
    /// <summary>The unlearner.</summary>
    public required IUnlearner Unlearner { get; init; }

    /// <summary>Trials of the unlearner.</summary>
    public required TrialPlan Plan { get; init; }

    /// <summary>What came of these trials.</summary>
    public required TrialRun Run { get; init; }
}
