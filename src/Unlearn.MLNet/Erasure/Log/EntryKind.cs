namespace Unlearn.MLNet.Erasure.Log;

/// <summary>What entries of a log tell.</summary>
internal static class EntryKind
{
    public const string Created = "created";
    public const string Requested = "requested";
    public const string Planned = "planned";
    public const string Waiting = "waiting";
    public const string Unlearned = "unlearned";
    public const string Audited = "audited";
    public const string Escalated = "escalated";
    public const string Completed = "completed";
    public const string Certified = "certified";
    public const string Purged = "purged";
    public const string Recovered = "recovered";
}
