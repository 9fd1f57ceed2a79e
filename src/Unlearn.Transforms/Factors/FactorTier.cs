namespace Unlearn.Transforms;

/// <summary>Cost tier of a hardness factor: what it needs.</summary>
public enum FactorTier
{
    /// <summary>One forward pass over the rows.</summary>
    T0,

    /// <summary>Per-row gradients, or a statistic fitted on the training rows.</summary>
    T1,

    /// <summary>The training trace, recorded during the target's training.</summary>
    T2,

    /// <summary>Reference models, trained on random subsets of the rows.</summary>
    T3,
}
