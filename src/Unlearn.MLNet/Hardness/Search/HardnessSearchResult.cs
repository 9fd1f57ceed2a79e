namespace Unlearn.MLNet;

/// <summary>What a search for the trainer of a hardness model has found.</summary>
public sealed record HardnessSearchResult
{
    /// <summary>The best trainer, for <see cref="HardnessOptions.Trainer"/> and <see cref="UnlearningHardnessEstimator.Options.Trainer"/>.</summary>
    public required HardnessTrainer Trainer { get; init; }

    /// <summary>
    /// Its AUC in the search, in [0, 1]. The largest of many figures flatters: measure the trainer on other rows, or search within each fold by
    /// <see cref="HardnessOptions.Candidates"/>.
    /// </summary>
    public required double Auc { get; init; }

    /// <summary>AUC of FastTree's default settings on the same folds, in [0, 1].</summary>
    public required double DefaultAuc { get; init; }

    /// <summary>All trials, in order.</summary>
    public required IReadOnlyList<HardnessTrial> Trials { get; init; }
}
