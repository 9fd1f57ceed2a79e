using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage;

namespace Unlearn.Distributed.Jobs;

/// <summary>A job that is to be tried again later waits by the database's clock. By that of a worker whose clock is ahead it would wait for hours.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RetryByDatabaseTimeAttribute : JobFilterAttribute, IElectStateFilter
{
    /// <summary>Comes after Hangfire's retries.</summary>
    public RetryByDatabaseTimeAttribute() => Order = 100;

    /// <inheritdoc/>
    public void OnStateElection(ElectStateContext context)
    {
        if (context.CandidateState is ScheduledState later && context.Connection is JobStorageConnection connection)
            context.CandidateState = new ScheduledState(connection.GetUtcDateTime() + (later.EnqueueAt - later.ScheduledAt)) { Reason = later.Reason };
    }
}
