namespace Unlearn.MLNet;

/// <summary>One finished trial of a search for the trainer of a hardness model.</summary>
public sealed record HardnessTrial
{
    /// <summary>Number of the trial, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>What was tried.</summary>
    public required string Trainer { get; init; }

    /// <summary>
    /// AUC on rows that the models did not see, in [0, 1]: over all folds together in a <see cref="HardnessSearch"/>, the mean of the folds' AUCs in an
    /// experiment of AutoML. NaN where the trial failed.
    /// </summary>
    public required double Auc { get; init; }

    /// <summary>Seconds that the trial took.</summary>
    public required double Seconds { get; init; }

    /// <summary>Whether no trial before was better.</summary>
    public required bool IsBest { get; init; }

    /// <summary>Why the trial failed.</summary>
    /// <value>Default <see langword="null"/>: it did not.</value>
    public string? Failure { get; init; }
}
