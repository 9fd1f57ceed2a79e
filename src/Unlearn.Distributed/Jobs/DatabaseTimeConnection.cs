using Hangfire.PostgreSql;
using Hangfire.Storage;
using Npgsql;

namespace Unlearn.Distributed.Jobs;

/// <summary>Hangfire's connection, whose locks are held and expire by the database's clock.</summary>
/// <param name="storage">The storage.</param>
/// <param name="lockTimeout">Time after which a lock is taken from whoever holds it.</param>
internal sealed class DatabaseTimeConnection(DatabaseTimeStorage storage, TimeSpan lockTimeout) : PostgreSqlConnection(storage)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.05);

    private readonly HashSet<string> _held = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override DateTime GetUtcDateTime() => storage.UtcNow();

    /// <inheritdoc/>
    public override IDisposable AcquireDistributedLock(string resource, TimeSpan timeout)
    {
        // Hangfire's own names, and its table: versions of this library may meet.
        var name = $"{JobStore.Schema}:{resource}";
        if (!_held.Add(name))
            return new Held(() => { });
        try
        {
            var start = TimeProvider.System.GetTimestamp();
            while (true)
            {
                if (TryAcquire(name) is { } acquired)
                    return new Held(() => Release(name, acquired));
                if (TimeProvider.System.GetElapsedTime(start) >= timeout)
                    throw new PostgreSqlDistributedLockException(name);
                Thread.Sleep(Pause);
            }
        }
        catch
        {
            _held.Remove(name);
            throw;
        }
    }

    private DateTime? TryAcquire(string name) => storage.Use(connection =>
    {
        using var command = new NpgsqlCommand(
            $"""
            INSERT INTO {JobStore.Schema}.lock AS held (resource, acquired) VALUES ($1, clock_timestamp())
            ON CONFLICT (resource) DO UPDATE SET acquired = excluded.acquired WHERE held.acquired NOT BETWEEN excluded.acquired - $2 AND excluded.acquired + $2
            RETURNING acquired
            """,
            connection)
        {
            Parameters = { new() { Value = name }, new() { Value = lockTimeout } },
        };
        return (DateTime?)command.ExecuteScalar();
    });

    private void Release(string name, DateTime acquired)
    {
        _held.Remove(name);
        storage.Use(connection =>
        {
            // Not if it has expired, and is another's.
            using var command = new NpgsqlCommand($"DELETE FROM {JobStore.Schema}.lock WHERE resource = $1 AND acquired = $2", connection)
            {
                Parameters = { new() { Value = name }, new() { Value = acquired } },
            };
            return command.ExecuteNonQuery();
        });
    }

    private sealed class Held(Action release) : IDisposable
    {
        private Action? _release = release;

        public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}
