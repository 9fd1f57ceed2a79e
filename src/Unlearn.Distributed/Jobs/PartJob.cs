using Hangfire;

namespace Unlearn.Distributed.Jobs;

/// <summary>A job: a part of a run, which Hangfire gives to a worker, and to another one if that gives no sign of life. It holds nothing but hashes.</summary>
/// <param name="run">Transforms a part.</param>
internal sealed class PartJob(Action<string, string, CancellationToken> run)
{
    /// <summary>Transforms a part.</summary>
    /// <param name="list">Hash of the list of the parts.</param>
    /// <param name="part">Key of the part.</param>
    /// <param name="cancellationToken">Stops it: the worker ends, or the job was given to another one or deleted.</param>
    [Queue(JobStore.Queue)]
    [AutomaticRetry(
        Attempts = 5, DelaysInSeconds = [1, 5, 15, 60, 300], ExceptOn = [typeof(DistributedTrialsException)], OnAttemptsExceeded = AttemptsExceededAction.Fail)]
    [RetryByDatabaseTime]
    public void Run(string list, string part, CancellationToken cancellationToken) => run(list, part, cancellationToken);
}
