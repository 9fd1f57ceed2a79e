namespace Unlearn.MLNet;

/// <summary>State of an unlearner at the end of a round.</summary>
public sealed record AdaptiveRound
{
    /// <summary>Number of the round, from 1.</summary>
    public required int Round { get; init; }

    /// <summary>Name of the unlearner.</summary>
    public required string Unlearner { get; init; }

    /// <summary>Number of the unlearner's trials so far, including earlier rounds.</summary>
    public required int Trials { get; init; }

    /// <summary>Ceiling of the unlearner: AUC of one half's score against the other half's label, in [0, 1].</summary>
    public required double Ceiling { get; init; }
}
