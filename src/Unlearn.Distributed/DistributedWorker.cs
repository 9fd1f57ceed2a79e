using Hangfire;
using Unlearn.Distributed.Database;
using Unlearn.Distributed.Jobs;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Distributed;

/// <summary>A worker: runs trials, and transforms parts, for the coordinators that use the same database.</summary>
public static class DistributedWorker
{
    /// <summary>
    /// Takes jobs until it is cancelled. A worker may be killed at any moment: its jobs are given to others after
    /// <see cref="DistributedWorkerOptions.Timeout"/>.
    /// </summary>
    /// <param name="options">Where it takes its jobs from.</param>
    /// <param name="cancellationToken">Ends it. Its jobs are stopped then, and left to other workers.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or the connection string cannot be read.</exception>
    /// <exception cref="DistributedTrialsException">The database cannot be used.</exception>
    /// <exception cref="TorchUnavailableException">Torch's native library cannot be loaded.</exception>
    public static async Task RunAsync(DistributedWorkerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        TorchRuntime.EnsureAvailable();
        var address = new PostgresAddress(options.ConnectionString);
        var store = new JobStore(address, options.Timeout, options.PollInterval);
        var name = Invariant($"{Environment.MachineName}:{Environment.ProcessId}");
        using var stopping = new CancellationTokenSource();
        using var jobs = new WorkerJobs(address, options, name, stopping.Token);
        using var server = new BackgroundJobServer(
            new BackgroundJobServerOptions
            {
                ServerName = name,
                WorkerCount = options.Workers,
                Queues = [JobStore.Queue],
                Activator = jobs,
                CancellationCheckInterval = TimeSpan.FromSeconds(1),
                SchedulePollingInterval = options.PollInterval,
                HeartbeatInterval = options.Timeout / 3,
                ServerTimeout = TimeSpan.FromMinutes(5),
            },
            store.Storage);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = cancellationToken.Register(ended.SetResult);
        await ended.Task.ConfigureAwait(false);
        server.SendStop();
        await stopping.CancelAsync().ConfigureAwait(false);
        await server.WaitForShutdownAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
