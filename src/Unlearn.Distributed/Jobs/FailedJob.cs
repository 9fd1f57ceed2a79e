namespace Unlearn.Distributed.Jobs;

/// <summary>A job that failed for good.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Reason">Why.</param>
/// <param name="IsOfStore">Whether the trials did not fail, but Hangfire could not write down where the job stands.</param>
internal readonly record struct FailedJob(string Id, string Reason, bool IsOfStore);
