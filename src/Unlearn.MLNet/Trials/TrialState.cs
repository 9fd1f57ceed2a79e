namespace Unlearn.MLNet;

/// <summary>Where a trial stands in a ledger.</summary>
public enum TrialState
{
    /// <summary>Nobody runs it.</summary>
    Pending,

    /// <summary>Somebody has claimed it, this process or another, and is not known to have stopped.</summary>
    Running,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>It has a result.</summary>
    Finished,
}
