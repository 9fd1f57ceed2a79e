using System.Diagnostics;

namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>
/// Which open ledger runs which trial. An open ledger has a session once it claims trials; its leases hold as long as the session, which a
/// heartbeat keeps from expiring.
/// </summary>
internal sealed class LeaseTable(LedgerConnection connection, TimeProvider time)
{
    // A process id means something only among processes that see each other.
    private static readonly string Machine =
        $"{Environment.MachineName} {(OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/pid").LinkTarget : null)}".TrimEnd();

    private long? _session;

    /// <summary>How long a session lasts without a heartbeat.</summary>
    public TimeSpan Length { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Claims a trial, unless it is settled or another session that is alive has claimed it.</summary>
    public bool Claim(string trial)
    {
        Begin();
        return Insert() || EndDeadSessions() && Insert();

        bool Insert() => connection.Execute(
            """
            INSERT INTO lease (trial, session)
            SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM trial WHERE id = ?1) AND NOT EXISTS (SELECT 1 FROM failure WHERE id = ?1)
            ON CONFLICT (trial) DO NOTHING
            """,
            trial, _session) == 1;
    }

    /// <summary>Begins this ledger's session, unless it has begun.</summary>
    public void Begin()
    {
        if (_session is null)
            Renew();
    }

    /// <summary>Begins this ledger's session, or makes it last longer, even where another process took it for dead.</summary>
    public void Renew() => _session = connection.Number(
        """
        INSERT INTO session (key, machine, process, expires) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (key) DO UPDATE SET expires = excluded.expires
        RETURNING key
        """,
        _session, Machine, Environment.ProcessId, Milliseconds(time.GetUtcNow() + Length));

    /// <summary>Gives up the claim of a trial that this session did not settle.</summary>
    public void Release(string trial) => connection.Execute("DELETE FROM lease WHERE trial = ?1 AND session = ?2", trial, _session);

    /// <summary>Ends whoever's claim of a trial that is settled.</summary>
    public void Settle(string trial) => connection.Execute("DELETE FROM lease WHERE trial = ?1", trial);

    /// <summary>Ends sessions that expired or that belong to a dead process.</summary>
    /// <returns>Whether there were any: their trials can be claimed.</returns>
    public bool EndDeadSessions()
    {
        var now = Milliseconds(time.GetUtcNow());
        List<(long Key, long Expires)> dead = [];
        var sessions = connection.Rows("SELECT key, machine, process, expires FROM session");
        while (sessions.Next())
            if (sessions.Integer(0) != _session && (sessions.Integer(3) <= now || sessions.Text(1) == Machine && !IsRunning((int)sessions.Integer(2))))
                dead.Add((sessions.Integer(0), sessions.Integer(3)));
        if (dead.Count == 0 && connection.Number("SELECT EXISTS (SELECT 1 FROM lease WHERE session NOT IN (SELECT key FROM session))") == 0)
            return false;
        return connection.InTransaction(() =>
        {
            foreach (var (key, expires) in dead)
                connection.Execute("DELETE FROM session WHERE key = ?1 AND expires = ?2", key, expires);
            return connection.Execute("DELETE FROM lease WHERE session NOT IN (SELECT key FROM session)") > 0;
        });
    }

    /// <summary>Ends this ledger's session with all of its claims.</summary>
    public void EndSession()
    {
        if (_session is not { } session)
            return;
        connection.InTransaction(() =>
        {
            connection.Execute("DELETE FROM lease WHERE session = ?1", session);
            return connection.Execute("DELETE FROM session WHERE key = ?1", session);
        });
        _session = null;
    }

    private static bool IsRunning(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static long Milliseconds(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds();
}
