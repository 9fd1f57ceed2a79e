namespace Unlearn.Transforms;

/// <summary>What a hardness factor costs.</summary>
public enum FactorTier
{
    /// <summary>One forward pass over the rows.</summary>
    T0,

    /// <summary>Per-row gradients, or a statistic fitted on the training rows.</summary>
    T1,

    /// <summary>The training trace, recorded while the recipe trained.</summary>
    T2,

    /// <summary>Reference models.</summary>
    T3,
}
