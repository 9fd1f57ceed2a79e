using Hangfire.PostgreSql;
using Hangfire.Storage;
using Npgsql;

namespace Unlearn.Distributed.Jobs;

/// <summary>Hangfire's storage with one clock, the database's. Hangfire compares times of workers' clocks otherwise, in locks and where a job waits.</summary>
/// <param name="factory">Makes connections.</param>
/// <param name="options">Options of the storage.</param>
internal sealed class DatabaseTimeStorage(IConnectionFactory factory, PostgreSqlStorageOptions options) : PostgreSqlStorage(factory, options)
{
    private readonly IConnectionFactory _factory = factory;
    private readonly TimeSpan _lockTimeout = options.DistributedLockTimeout;

    /// <inheritdoc/>
    public override bool HasFeature(string featureId) => featureId == JobStorageFeatures.Connection.GetUtcDateTime || base.HasFeature(featureId);

    /// <inheritdoc/>
    public override IStorageConnection GetConnection() => new DatabaseTimeConnection(this, _lockTimeout);

    /// <summary>The database's time.</summary>
    public DateTime UtcNow() => Use(connection =>
    {
        using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        return (DateTime)command.ExecuteScalar()!;
    });

    /// <summary>Does work with a connection of its own.</summary>
    public T Use<T>(Func<NpgsqlConnection, T> work)
    {
        using var connection = _factory.GetOrCreateConnection();
        connection.Open();
        return work(connection);
    }
}
