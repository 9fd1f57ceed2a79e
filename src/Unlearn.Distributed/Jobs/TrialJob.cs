using Hangfire;

namespace Unlearn.Distributed.Jobs;

/// <summary>A job: trials of a plan, which Hangfire gives to a worker, and to another one if that gives no sign of life. It holds nothing but hashes.</summary>
/// <param name="run">Runs trials.</param>
internal sealed class TrialJob(Action<string, string[], CancellationToken> run)
{
    /// <summary>Settles trials.</summary>
    /// <param name="plan">Hash of the plan.</param>
    /// <param name="trials">Ids of the trials.</param>
    /// <param name="cancellationToken">Stops them: the worker ends, or the job was given to another one or deleted.</param>
    // Without the queue, a job that is tried again would go to one that no worker looks at.
    [Queue(JobStore.Queue)]
    [AutomaticRetry(
        Attempts = 5, DelaysInSeconds = [1, 5, 15, 60, 300], ExceptOn = [typeof(DistributedTrialsException)], OnAttemptsExceeded = AttemptsExceededAction.Fail)]
    [RetryByDatabaseTime]
    public void Run(string plan, string[] trials, CancellationToken cancellationToken) => run(plan, trials, cancellationToken);
}
