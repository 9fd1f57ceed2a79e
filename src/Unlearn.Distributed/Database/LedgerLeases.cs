namespace Unlearn.Distributed.Database;

/// <summary>
/// Which open ledger runs which trial. Leases hold as long as their session, which a heartbeat keeps from expiring. The time is the database's,
/// so clocks of workers need not agree.
/// </summary>
/// <param name="connection">The database.</param>
/// <param name="schema">Name of the schema.</param>
/// <param name="time">A clock in place of the database's; <see langword="null"/> for that.</param>
internal sealed class LedgerLeases(PostgresConnection connection, string schema, TimeProvider? time)
{
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);
    private long? _session;

    /// <summary>How long a session lasts without a heartbeat.</summary>
    public TimeSpan Length { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Trials that this session has claimed and neither settled nor released.</summary>
    public HashSet<string> Claimed => _claimed;

    /// <summary>Claims a trial, unless it is settled or another session that is alive has claimed it.</summary>
    public bool Claim(string trial)
    {
        if (_claimed.Contains(trial))
            return false;
        Begin();
        if (!Insert() && !(EndDeadSessions() && Insert()))
            return false;
        // It may have been settled, and so released, while the claim was waiting for that.
        if (IsSettled(trial))
        {
            connection.Execute($"""DELETE FROM "{schema}".lease WHERE trial = $1 AND session = $2""", trial, _session);
            return false;
        }
        return _claimed.Add(trial);

        // A lease of this very session is of a transaction whose end was not heard of.
        bool Insert() => connection.Execute(
            $"""
            INSERT INTO "{schema}".lease (trial, session)
            SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM "{schema}".trial WHERE id = $1) AND NOT EXISTS (SELECT 1 FROM "{schema}".failure WHERE id = $1)
            ON CONFLICT (trial) DO UPDATE SET session = excluded.session WHERE lease.session = excluded.session
            """,
            trial, _session) == 1;
    }

    /// <summary>Begins this ledger's session, unless it has begun. Not in a transaction, which could take it back.</summary>
    public void Begin()
    {
        if (_session is null)
            Renew();
    }

    /// <summary>Begins the session, or makes it last longer, even where another took it for dead.</summary>
    public long Renew()
    {
        var session = connection.Number(
            $"""
            INSERT INTO "{schema}".session AS own (key, expires)
            VALUES (coalesce($1::bigint, nextval(pg_get_serial_sequence('"{schema}".session', 'key'))), {Now("$2")} + $3)
            ON CONFLICT (key) DO UPDATE SET expires = excluded.expires
            RETURNING key
            """,
            _session, Moment(), (long)Length.TotalMilliseconds);
        _session = session;
        return session;
    }

    /// <summary>Gives up the claim of a trial that this session did not settle.</summary>
    public int Release(string trial) => connection.Execute($"""DELETE FROM "{schema}".lease WHERE trial = $1 AND session = $2""", trial, _session);

    /// <summary>Ends sessions that expired.</summary>
    /// <returns>Whether that, or an earlier end, freed a trial.</returns>
    public bool EndDeadSessions() => connection.Execute(
        $"""
        WITH dead AS (DELETE FROM "{schema}".session WHERE expires <= {Now("$1")} AND key IS DISTINCT FROM $2::bigint RETURNING key)
        DELETE FROM "{schema}".lease WHERE session IN (SELECT key FROM dead) OR session NOT IN (SELECT key FROM "{schema}".session)
        """,
        Moment(), _session) > 0;

    /// <summary>Ends this session with all of its claims.</summary>
    /// <returns>Number of claims.</returns>
    public int EndSession()
    {
        if (_session is null)
            return 0;
        var freed = connection.Execute(
            $"""
            WITH own AS (DELETE FROM "{schema}".session WHERE key = $1)
            DELETE FROM "{schema}".lease WHERE session = $1
            """,
            _session);
        _session = null;
        return freed;
    }

    private bool IsSettled(string trial) => connection.Number(
        $"""
        SELECT CASE WHEN EXISTS (SELECT 1 FROM "{schema}".trial WHERE id = $1) OR EXISTS (SELECT 1 FROM "{schema}".failure WHERE id = $1) THEN 1 ELSE 0 END
        """,
        trial) == 1;

    private static string Now(string parameter) => $"coalesce({parameter}::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)";

    private long? Moment() => time?.GetUtcNow().ToUnixTimeMilliseconds();
}
