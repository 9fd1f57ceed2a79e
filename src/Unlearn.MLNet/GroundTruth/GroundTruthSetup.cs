using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>What a ground truth is made of: rows, how the target is trained on them, what unlearns them, and where trials are kept.</summary>
internal sealed record GroundTruthSetup
{
    /// <summary>How the target is trained, and retrained.</summary>
    public required ITrainingRecipe Recipe { get; init; }

    /// <summary>Rows that the target is trained on and that are unlearned.</summary>
    public required TrainingRows Rows { get; init; }

    /// <summary>Rows that the target is not trained on.</summary>
    public TrainingRows? TestRows { get; init; }

    /// <summary>The unlearners, each with a name of its own.</summary>
    public required IReadOnlyList<IUnlearner> Unlearners { get; init; }

    /// <summary>Root seed.</summary>
    public required int Seed { get; init; }

    /// <summary>Seed that the target is trained with.</summary>
    /// <value>Default <see langword="null"/>: derived from <see cref="Seed"/>.</value>
    public long? TargetSeed { get; init; }

    /// <summary>Whether the target's training also records gradients, for factors that need their trace.</summary>
    public bool RecordsGradients { get; init; }

    /// <summary>File of the ledger; <see langword="null"/> for a temporary one.</summary>
    public string? LedgerPath { get; init; }

    /// <summary>Who runs the trials, and keeps the ledger; <see langword="null"/> for this process and a file.</summary>
    public TrialCluster? Cluster { get; init; }

    /// <summary>How failed trials, and ledgers with other plans, are dealt with.</summary>
    public required TrialRunnerOptions Trials { get; init; }

    /// <summary>How the strengths of approximate unlearners are found; <see langword="null"/> to keep their own options.</summary>
    public CalibrationOptions? Calibration { get; init; }

    /// <summary>Trials that run at once.</summary>
    public required int Workers { get; init; }

    /// <summary>Checks what the options of studies and labelings have in common.</summary>
    /// <exception cref="ArgumentException">The unlearners do not go together, or an option is outside its range.</exception>
    public static void Check(
        ITrainingRecipe recipe, IReadOnlyList<IUnlearner> unlearners, TrialRunnerOptions trials, int workers, CalibrationOptions? calibration)
    {
        if (recipe is null)
            throw new ArgumentException("The recipe is null: say how the target is trained, by a TorchRecipe or an EstimatorRecipe.");
        UnlearnerSet.Check(unlearners);
        UnlearnerSet.CheckRecipe(unlearners, recipe);
        if (trials is null)
            throw new ArgumentException("The options of the trials are null: leave them out for the defaults.");
        trials.Check();
        calibration?.Check();
        if (workers < 1)
            throw new ArgumentException($"{workers} workers were asked for: ask for at least 1.");
    }
}
