namespace Unlearn.Transforms.MLNetModels.Trees;

/// <summary>How the scores of trees become probabilities.</summary>
internal enum TreeLink
{
    /// <summary>One score, the log-odds of the positive one of two classes.</summary>
    LogOdds,

    /// <summary>A score for each class, its log-odds against all others; probabilities are scaled to a sum of 1.</summary>
    OneVersusAll,

    /// <summary>One score for each class; the probabilities are their softmax.</summary>
    Softmax,
}
