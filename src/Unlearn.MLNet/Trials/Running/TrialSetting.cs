using Unlearn.Transforms;

namespace Unlearn.MLNet.Trials.Running;

/// <summary>What all trials of a study share, and from what another process can make it again.</summary>
internal sealed record TrialSetting
{
    /// <summary>How the target was trained.</summary>
    public required ITrainingRecipe Recipe { get; init; }

    /// <summary>The target.</summary>
    public required ITarget Target { get; init; }

    /// <summary>Seed that the target was trained with.</summary>
    public required long TargetSeed { get; init; }

    /// <summary>All rows.</summary>
    public required TrainingRows Rows { get; init; }

    /// <summary>Rows that the target was not trained on.</summary>
    public required TrainingRows? TestRows { get; init; }

    /// <summary>The unlearners.</summary>
    public required IReadOnlyCollection<IUnlearner> Unlearners { get; init; }

    /// <summary>log(p_y / (1 − p_y)) of each row under the target: what a process that computes otherwise is known by.</summary>
    public required IReadOnlyList<float> TargetLogitConfidences { get; init; }
}
