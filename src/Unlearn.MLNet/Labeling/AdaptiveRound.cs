namespace Unlearn.MLNet.Labeling;

/// <summary>State of an unlearner at the end of a round.</summary>
internal sealed record AdaptiveRound
{
    /// <summary>Number of the round, from 1.</summary>
    public required int Round { get; init; }

    /// <summary>Name of the unlearner.</summary>
    public required string Unlearner { get; init; }

    /// <summary>Number of the unlearner's trials so far, including earlier rounds.</summary>
    public required int Trials { get; init; }

    /// <summary>Oracle ceiling of the unlearner, in [0.5, 1]; see <see cref="HardnessEvaluation.Ceiling"/>.</summary>
    public required double Ceiling { get; init; }
}
