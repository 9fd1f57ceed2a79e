namespace Unlearn.MLNet;

/// <summary>Why factors are evaluated together.</summary>
public enum SubsetKind
{
    /// <summary>All factors.</summary>
    All,

    /// <summary>The core factors.</summary>
    Core,

    /// <summary>The factors that cost at most a tier.</summary>
    Tier,

    /// <summary>The factors of one family.</summary>
    Family,

    /// <summary>All factors except one family: an ablation.</summary>
    Without,
}
