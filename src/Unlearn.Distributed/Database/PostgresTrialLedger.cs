using System.Text.RegularExpressions;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;

namespace Unlearn.Distributed.Database;

/// <summary>
/// A ledger in a schema of a PostgreSQL database. Every result is one statement, or part of a transaction (<see cref="Together"/>), and no result is
/// ever changed or deleted. Any number of processes on any machines may use it at once; each holds one connection. A connection that is lost is opened
/// again, and the work that it was lost in is done again, so a restart of the server only takes time.
/// </summary>
internal sealed partial class PostgresTrialLedger : ITrialLedger
{
    private const int ReadAtOnce = 64;

    /// <summary>How long a database that went away is waited for.</summary>
    public static readonly TimeSpan UsualPatience = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly PostgresConnection _connection;
    private readonly LedgerRows _trials;
    private readonly LedgerLeases _leases;
    private readonly LedgerPlans _plans;
    private readonly LedgerCalibrations _calibrations;
    private readonly TimeProvider _time;
    private ITimer? _heartbeat;
    private int _beats;
    private bool _isDisposed;

    /// <summary>Opens a ledger. What does not exist is made; what an older version made is upgraded.</summary>
    /// <param name="address">The database.</param>
    /// <param name="schema">Name of the schema, which is that of the ledger.</param>
    /// <param name="time">Clock of the leases; <see langword="null"/> for the database's.</param>
    /// <param name="patience">How long a database that went away is waited for; <see langword="null"/> for 10 minutes.</param>
    /// <param name="cancellationToken">Ends waiting for the database.</param>
    /// <exception cref="ArgumentException">The name of the schema is not that of a ledger.</exception>
    /// <exception cref="TrialLedgerException">The database cannot be used, or a newer program wrote the ledger.</exception>
    public PostgresTrialLedger(
        PostgresAddress address, string schema, TimeProvider? time = null, TimeSpan? patience = null, CancellationToken cancellationToken = default)
    {
        CheckName(schema);
        Schema = schema;
        var name = $"ledger '{schema}' in the {address}";
        _time = time ?? TimeProvider.System;
        _connection = new(address, patience ?? UsualPatience, cancellationToken);
        _trials = new(_connection, schema, name);
        _plans = new(_connection, schema, name);
        _calibrations = new(_connection, schema, name);
        _leases = new(_connection, schema, time);
        try
        {
            _connection.Open();
            LedgerSchema.Upgrade(_connection, schema, name);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Name of the schema.</summary>
    public string Schema { get; }

    /// <summary>Time that claims last without a heartbeat, above 0. The heartbeat's interval is a third of it.</summary>
    /// <value>Default 30 seconds.</value>
    public TimeSpan LeaseDuration
    {
        get => _leases.Length;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            _leases.Length = value;
        }
    }

    private TimeSpan HeartbeatInterval => LeaseDuration / 3;

    /// <summary>The open database, for tests.</summary>
    internal PostgresConnection Connection => _connection;

    /// <summary>Checks a ledger's name.</summary>
    /// <exception cref="ArgumentException">It has other characters, or too many.</exception>
    public static void CheckName(string schema)
    {
        if (schema is null || !Names().IsMatch(schema))
            throw new ArgumentException(
                $"'{schema}' cannot be the name of a ledger: take a lower-case letter, then up to 49 lower-case letters, digits and '_'.");
    }

    /// <inheritdoc/>
    public void Register(TrialPlan plan, bool allowOthers)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Use(() => _plans.Register(plan, allowOthers));
    }

    /// <inheritdoc/>
    public IReadOnlyList<TrialState> States(IReadOnlyList<string> trialIds)
    {
        ArgumentNullException.ThrowIfNull(trialIds);
        return Use(() =>
        {
            var states = Ask();
            return states.Contains(TrialState.Running) && _leases.EndDeadSessions() ? Ask() : states;
        });

        List<TrialState> Ask() => _connection.Rows(
            row => (TrialState)row.GetInt32(0),
            $"""
            SELECT CASE
                WHEN EXISTS (SELECT 1 FROM "{Schema}".trial WHERE id = asked.id) THEN 3
                WHEN EXISTS (SELECT 1 FROM "{Schema}".failure WHERE id = asked.id) THEN 2
                WHEN EXISTS (SELECT 1 FROM "{Schema}".lease WHERE trial = asked.id) THEN 1
                ELSE 0 END
            FROM unnest($1::text[]) WITH ORDINALITY AS asked (id, place) ORDER BY place
            """,
            (object)trialIds.ToArray());
    }

    /// <inheritdoc/>
    public IDisposable? Claim(TrialSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Use(() =>
        {
            if (!_leases.Claim(spec.Id))
                return null;
            _heartbeat ??= _time.CreateTimer(_ => Beat(), state: null, HeartbeatInterval, HeartbeatInterval);
            return new Lease(this, spec.Id);
        });
    }

    /// <inheritdoc/>
    public bool Add(TrialSpec spec, TrialResult result)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(result);
        result.Check(spec);
        return Settle(spec, () => _trials.Insert(spec, result));
    }

    /// <inheritdoc/>
    public bool Add(TrialSpec spec, TrialFailure failure)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(failure);
        return Settle(spec, () => _connection.Execute(
            $"""
            WITH settled AS (DELETE FROM "{Schema}".lease WHERE trial = $1)
            INSERT INTO "{Schema}".failure (id, unlearner, context, half, number, seed, reason, is_transient, attempts)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE NOT EXISTS (SELECT 1 FROM "{Schema}".trial WHERE id = $1)
            ON CONFLICT (id) DO NOTHING
            """,
            spec.Id, spec.Unlearner, spec.Context, spec.Half, spec.Index, spec.Seed, failure.Reason, failure.IsTransient, failure.Attempts) == 1);
    }

    /// <inheritdoc/>
    public TrialRun Read(IReadOnlyList<string> trialIds)
    {
        ArgumentNullException.ThrowIfNull(trialIds);
        List<TrialResult> results = [];
        List<TrialFailure> failures = [];
        foreach (var ids in trialIds.Chunk(ReadAtOnce))
        {
            var found = Use(() => _trials.Find(ids));
            var failed = found.Count == ids.Length ? [] : Use(() => _trials.FindFailures(ids));
            results.AddRange(ids.Where(found.ContainsKey).Select(id => found[id]));
            failures.AddRange(ids.Where(id => !found.ContainsKey(id) && failed.ContainsKey(id)).Select(id => failed[id]));
        }
        return new TrialRun { Results = results, Failures = failures };
    }

    /// <inheritdoc/>
    public void DropFailures(IReadOnlyList<string> trialIds)
    {
        ArgumentNullException.ThrowIfNull(trialIds);
        Use(() => _connection.Execute($"""DELETE FROM "{Schema}".failure WHERE id = ANY($1)""", (object)trialIds.ToArray()));
    }

    /// <inheritdoc/>
    public void Together(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Use(() =>
        {
            _leases.Begin();
            string[] claimed = [.. _leases.Claimed];
            return _connection.Together(() =>
            {
                // Another try begins where the first did.
                Restore(claimed);
                try
                {
                    work();
                    return 0;
                }
                catch
                {
                    Restore(claimed);
                    throw;
                }
            });
        });
    }

    /// <inheritdoc/>
    public string? FindMeasurement(string id) => Use(() => _calibrations.Find(id));

    /// <inheritdoc/>
    public string KeepMeasurement(string id, string unlearner, string content) => Use(() => _calibrations.Keep(id, unlearner, content));

    /// <inheritdoc/>
    /// <remarks>What room the disk of another machine has cannot be asked for in SQL.</remarks>
    public void DemandSpace(double bytes) { }

    /// <summary>Whoever only reads would not notice that the database's disk is full: takes the room of a result, and gives it back.</summary>
    /// <exception cref="TrialLedgerException">There is none.</exception>
    public void ProbeSpace() => Use(() => _connection.Together(_calibrations.ProbeSpace));

    /// <summary>Closes the connection and gives up all claims.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _heartbeat?.Dispose();
            LetExpire(_leases.EndSession, TimeSpan.Zero);
            _isDisposed = true;
            _connection.Dispose();
        }
    }

    private bool Settle(TrialSpec spec, Func<bool> insert) => Use(() =>
    {
        var isNew = insert();
        _leases.Claimed.Remove(spec.Id);
        return isNew;
    });

    private void Restore(string[] claimed)
    {
        _leases.Claimed.Clear();
        _leases.Claimed.UnionWith(claimed);
    }

    private void Beat()
    {
        // One at a time: while the database is away, others would wait for the first.
        if (Interlocked.Increment(ref _beats) == 1)
            LetExpire(_leases.Renew, HeartbeatInterval);
        Interlocked.Decrement(ref _beats);
    }

    private void Release(string trialId)
    {
        lock (_gate)
            if (_leases.Claimed.Remove(trialId))
                LetExpire(() => _leases.Release(trialId), HeartbeatInterval);
    }

    // A claim that cannot be renewed or released ends by itself, and results are safe without it: they are not kept waiting for it.
    private void LetExpire<T>(Func<T> action, TimeSpan patience)
    {
        try
        {
            lock (_gate)
                if (!_isDisposed)
                    _connection.Do(action, patience);
        }
        catch (Exception failure) when (failure is TrialLedgerException or OperationCanceledException or Npgsql.NpgsqlException or InvalidOperationException)
        {
        }
    }

    private T Use<T>(Func<T> action)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _connection.Do(action);
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,49}$", RegexOptions.CultureInvariant)]
    private static partial Regex Names();

    private sealed class Lease(PostgresTrialLedger ledger, string trialId) : IDisposable
    {
        public void Dispose() => ledger.Release(trialId);
    }
}
