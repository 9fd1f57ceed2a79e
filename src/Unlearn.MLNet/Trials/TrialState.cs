namespace Unlearn.MLNet.Trials;

/// <summary>Where a trial stands in a ledger.</summary>
internal enum TrialState
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
