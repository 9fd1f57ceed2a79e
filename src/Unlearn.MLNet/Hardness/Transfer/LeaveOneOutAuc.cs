namespace Unlearn.MLNet;

/// <summary>How well a hardness model predicts an unlearner that it knows nothing of.</summary>
public sealed record LeaveOneOutAuc
{
    /// <summary>The unlearner that was left out of the training labels.</summary>
    public required string Unlearner { get; init; }

    /// <summary>AUC against the unlearner's labels, on rows that the model never saw, with its interval.</summary>
    public required AucEstimate Auc { get; init; }

    /// <summary>Whether the AUC meets its target.</summary>
    public required Verdict Verdict { get; init; }
}
