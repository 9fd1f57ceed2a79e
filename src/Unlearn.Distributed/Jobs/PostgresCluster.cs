using Unlearn.Distributed.Database;
using Unlearn.Distributed.Jobs;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Running;

namespace Unlearn.Distributed;

/// <summary>
/// Workers that take jobs from a PostgreSQL database, by Hangfire, and keep results there. Give it to <see cref="StudyOptions.Cluster"/>,
/// <see cref="HardnessLabelingOptions.Cluster"/> or <see cref="ParquetTransformOptions.Cluster"/>; the workers call
/// <see cref="DistributedWorker.RunAsync"/>. Not a record, so nothing prints its password.
/// </summary>
public sealed class PostgresCluster : TrialCluster
{
    private readonly PostgresAddress _address;

    /// <summary>Names the cluster; nothing is connected to yet.</summary>
    /// <param name="connectionString">Npgsql's connection string of a database in which the user may make schemas.</param>
    /// <param name="blobs">Where coordinator and workers share rows, models and plans.</param>
    /// <exception cref="ArgumentException">The connection string cannot be read. The message does not show it, since it may hold a password.</exception>
    public PostgresCluster(string connectionString, IBlobStore blobs)
    {
        ArgumentNullException.ThrowIfNull(blobs);
        _address = new(connectionString);
        Blobs = blobs;
    }

    /// <summary>
    /// Name of the ledger: the schema of the database that keeps finished trials. Each study needs its own: one with trials of other rows, another
    /// recipe, seed or options is refused. A lower-case letter, then up to 49 lower-case letters, digits and <c>_</c>.
    /// </summary>
    /// <value>Default <c>unlearn</c>.</value>
    /// <exception cref="ArgumentException">It has other characters.</exception>
    public string Ledger
    {
        get;
        init
        {
            PostgresTrialLedger.CheckName(value);
            field = value;
        }
    } = "unlearn";

    /// <summary>Time without any worker after which the coordinator gives up, above 0. Finished trials are kept.</summary>
    /// <value>Default 10 minutes.</value>
    public TimeSpan WorkerTimeout
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            field = value;
        }
    } = TimeSpan.FromMinutes(10);

    /// <summary>How long a database that went away is waited for, from 0. That it cannot be used from the start is told at once.</summary>
    /// <value>Default 10 minutes.</value>
    public TimeSpan Patience { get; init; } = PostgresTrialLedger.UsualPatience;

    /// <summary>Where rows, models and plans are shared.</summary>
    internal IBlobStore Blobs { get; }

    internal PostgresAddress Address => _address;

    /// <summary>Time between two looks at ledger and jobs.</summary>
    internal TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time in which nobody works on a job that was taken, after which it is added again.</summary>
    internal TimeSpan LostJobTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A connection for looking at states, beside the ledger's own.</summary>
    internal PostgresTrialLedger OpenForStates(string schema, CancellationToken cancellationToken) =>
        new PostgresTrialLedger(_address, schema, patience: Patience, cancellationToken: cancellationToken);

    internal override ITrialLedger OpenLedger(string part, CancellationToken cancellationToken) => OpenForStates(
        $"{Ledger}{part.Replace('.', '_').Replace('-', '_')}", cancellationToken);

    internal override ITrialExecutor Executor(ITrialLedger ledger, TrialSetting setting, IReadOnlyList<TrialPlan> plans, TrialRunnerOptions options) =>
        new JobExecutor(this, ((PostgresTrialLedger)ledger).Schema, setting, plans, options);
}
