namespace Unlearn.Distributed.Jobs;

/// <summary>Where a job stands that a coordinator waits for.</summary>
internal enum JobStanding
{
    /// <summary>Its work is done.</summary>
    Done,

    /// <summary>A worker has it, or will take it.</summary>
    InHand,

    /// <summary>Nobody works on it, and nobody will: it is added again if that lasts.</summary>
    Nowhere,
}
