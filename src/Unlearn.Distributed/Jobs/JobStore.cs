using Hangfire;
using Hangfire.Common;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Hangfire.States;
using Unlearn.Distributed.Database;

namespace Unlearn.Distributed.Jobs;

/// <summary>Hangfire's jobs in PostgreSQL, in a schema of their own.</summary>
internal sealed class JobStore
{
    /// <summary>Name of the queue.</summary>
    public const string Queue = "unlearn";

    /// <summary>Name of the schema.</summary>
    public const string Schema = "unlearn_jobs";

    /// <summary>Hangfire's states of a job that a worker is yet to take.</summary>
    public static readonly IReadOnlyList<string> Waiting = ["Enqueued", "Scheduled", "Awaiting"];

    // With Hangfire's 10 minutes, a lock that a killed process leaves would stand in everybody's way for so long.
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(30);

    private static readonly string[] StoreErrors = ["Npgsql.", "Hangfire.", "System.Transactions.", "System.TimeoutException"];

    private readonly PostgresAddress _address;
    private readonly BackgroundJobClient _client;

    /// <summary>Opens the store. Its tables are made where they are missing.</summary>
    /// <param name="address">The database.</param>
    /// <param name="timeout">Time without a sign of life after which a worker's jobs are given to others.</param>
    /// <param name="pollInterval">Time between two looks at an empty queue.</param>
    /// <exception cref="DistributedTrialsException">The database cannot be used.</exception>
    public JobStore(PostgresAddress address, TimeSpan timeout, TimeSpan pollInterval)
    {
        _address = address;
        var options = new PostgreSqlStorageOptions
        {
            SchemaName = Schema,
            InvisibilityTimeout = timeout,
            UseSlidingInvisibilityTimeout = true,
            DistributedLockTimeout = LockTimeout,
            QueuePollInterval = pollInterval,
            EnableTransactionScopeEnlistment = false,
            AllowDegradedModeWithoutStorage = false,
        };
        using var connection = new PostgresConnection(address, TimeSpan.Zero, CancellationToken.None);
        Storage = Explained(() =>
        {
            connection.Open();
            // One process at a time makes tables.
            connection.Number("SELECT 1 FROM pg_advisory_lock(hashtext($1))", $"unlearn {Schema}");
            return Open(address, options);
        });
        _client = new(Storage);
    }

    /// <summary>The store for those who only look at it: it makes no tables, and connects to nothing before it is asked.</summary>
    public static DatabaseTimeStorage OpenForReading(PostgresAddress address) => Open(address, new()
    {
        SchemaName = Schema,
        PrepareSchemaIfNecessary = false,
        EnableTransactionScopeEnlistment = false,
        AllowDegradedModeWithoutStorage = false,
    });

    /// <summary>The store as Hangfire knows it.</summary>
    public DatabaseTimeStorage Storage { get; }

    /// <summary>Adds a job.</summary>
    /// <param name="plan">Hash of the plan.</param>
    /// <param name="trials">Ids of the trials.</param>
    /// <returns>Its id.</returns>
    public string Enqueue(string plan, string[] trials) =>
        _client.Create(Job.FromExpression<TrialJob>(job => job.Run(plan, trials, CancellationToken.None)), new EnqueuedState(Queue));

    /// <summary>Adds a job.</summary>
    /// <param name="list">Hash of the list of the parts.</param>
    /// <param name="part">Key of the part.</param>
    /// <returns>Its id.</returns>
    public string EnqueuePart(string list, string part) =>
        _client.Create(Job.FromExpression<PartJob>(job => job.Run(list, part, CancellationToken.None)), new EnqueuedState(Queue));

    /// <summary>Takes a job away, and stops who runs it.</summary>
    public void Delete(string job) => _client.ChangeState(job, new DeletedState());

    /// <summary>Where a job stands: the name of its state; <see langword="null"/> if there is no such job.</summary>
    public string? StateOf(string job)
    {
        using var connection = Storage.GetConnection();
        return connection.GetStateData(job)?.Name;
    }

    /// <summary>The latest jobs that failed for good.</summary>
    public IEnumerable<FailedJob> Failed()
    {
        const int Shown = 100;
        return Storage.GetMonitoringApi().FailedJobs(0, Shown)
            .Where(job => job.Value is not null)
            .Select(job => new FailedJob(
                job.Key, job.Value.ExceptionMessage ?? job.Value.Reason ?? "of a reason that was not recorded", IsOfStore(job.Value.ExceptionType)));
    }

    /// <summary>Jobs that run at once on the workers that have given a sign of life of late.</summary>
    /// <param name="longest">Time since then.</param>
    public int CountWorkers(TimeSpan longest)
    {
        var since = Storage.UtcNow() - longest;
        return Storage.GetMonitoringApi().Servers().Where(server => server.Heartbeat >= since).Sum(server => Math.Max(1, server.WorkersCount));
    }

    /// <summary>Does work with the store, and says what is wrong if that fails.</summary>
    /// <exception cref="DistributedTrialsException">The database cannot be used.</exception>
    public T Explained<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (CauseOf(failure) is { } cause)
        {
            throw new DistributedTrialsException(cause is Unlearn.MLNet.TrialLedgerException ? cause.Message : _address.Explain(cause), cause);
        }
    }

    private static DatabaseTimeStorage Open(PostgresAddress address, PostgreSqlStorageOptions options) =>
        new(new NpgsqlConnectionFactory(address.ConnectionString, options, null), options);

    // Trials have errors of the ledger, never these.
    private static bool IsOfStore(string? exceptionType) => StoreErrors.Any(part => exceptionType?.StartsWith(part, StringComparison.Ordinal) == true);

    /// <summary>The failure of the database that a failure comes from; <see langword="null"/> if it is none.</summary>
    internal static Exception? CauseOf(Exception failure) => failure switch
    {
        BackgroundJobClientException { InnerException: { } inner } => CauseOf(inner),
        Npgsql.NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or Unlearn.MLNet.TrialLedgerException => failure,
        System.Transactions.TransactionException { InnerException: { } inner } => CauseOf(inner),
        _ => null,
    };
}
