using Microsoft.Data.Sqlite;

namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>
/// A ledger in one SQLite file. Every result is one transaction, or part of one (<see cref="Together"/>), and no result is ever changed or deleted.
/// Several threads and several processes on one machine may use the same file at once. Numbers come back bit for bit, except −0, which comes back as
/// 0.
/// </summary>
/// <remarks>
/// <para>
/// Durability: the file is in WAL mode with <c>synchronous = NORMAL</c>. A result that was added survives the end of the process in any way,
/// <c>kill -9</c> included. A power failure or a crash of the operating system can take the last few results with it, but never damages the
/// file. The lost trials run again and, being deterministic, give the same results. In return, adding does not wait for the disk.
/// </para>
/// <para>
/// Claims: an open ledger holds its claims by a heartbeat. The claims of a killed process become free at once if the process is known to be
/// dead, else after <see cref="LeaseDuration"/>. If a process was asleep for longer, another process may have run its trial:
/// the first result stays.
/// </para>
/// <para>
/// Keep the file on a local disk: WAL does not work on network file systems. While it is open, and after a kill, files ending in <c>-wal</c> and
/// <c>-shm</c> lie beside it and belong to it: the latest results may be in the first alone. A ledger without the log that it needs is refused.
/// </para>
/// </remarks>
internal sealed class SqliteTrialLedger : ITrialLedger
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly LockPatience _patience;
    private readonly LedgerConnection _connection;
    private readonly PlanTable _plans;
    private readonly TrialTable _trials;
    private readonly FailureTable _failures;
    private readonly CalibrationTable _calibrations;
    private readonly LeaseTable _leases;
    private ITimer? _heartbeat;
    private bool _isDisposed;

    /// <summary>Opens a ledger. A missing file and its folder are created. A file of an older version is upgraded and keeps its content.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="time">Clock of the leases. Default: the system clock.</param>
    /// <param name="patience">How long to wait for a lock that another process holds. Default: an hour.</param>
    /// <exception cref="TrialLedgerException">
    /// The file is damaged, its log is missing, it was written by a newer version, belongs to another application, or cannot be opened. It is left as it was.
    /// </exception>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be created.</exception>
    public SqliteTrialLedger(string path, TimeProvider? time = null, LockPatience? patience = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
        _time = time ?? TimeProvider.System;
        _patience = patience ?? new(LockPatience.Usual);
        Directory.CreateDirectory(Path.GetDirectoryName(_path) ?? _path);
        _connection = TrialLedgerFile.Open(_path, _patience);
        _plans = new(_connection);
        _trials = new(_connection);
        _failures = new(_connection);
        _calibrations = new(_connection);
        _leases = new(_connection, _time);
    }

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

    /// <inheritdoc/>
    public void Register(TrialPlan plan, bool allowOthers)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Use(() => _plans.Register(plan, allowOthers));
    }

    /// <inheritdoc/>
    /// <exception cref="TrialLedgerException">The file cannot be read.</exception>
    public IReadOnlyList<TrialState> States(IReadOnlyList<string> trialIds)
    {
        ArgumentNullException.ThrowIfNull(trialIds);
        return Use(() =>
        {
            TrialState[] states = [.. trialIds.Select(State)];
            return states.Contains(TrialState.Running) && _leases.EndDeadSessions() ? [.. trialIds.Select(State)] : states;
        });

        TrialState State(string id) => (TrialState)_connection.Number(
            """
            SELECT CASE
                WHEN EXISTS (SELECT 1 FROM trial WHERE id = ?1) THEN 3
                WHEN EXISTS (SELECT 1 FROM failure WHERE id = ?1) THEN 2
                WHEN EXISTS (SELECT 1 FROM lease WHERE trial = ?1) THEN 1
                ELSE 0 END
            """,
            id);
    }

    /// <inheritdoc/>
    /// <exception cref="TrialLedgerException">The file cannot be written.</exception>
    public IDisposable? Claim(TrialSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Use(() =>
        {
            if (!_leases.Claim(spec.Id))
                return null;
            _claimed.Add(spec.Id);
            _heartbeat ??= _time.CreateTimer(_ => Beat(), state: null, LeaseDuration / 3, LeaseDuration / 3);
            return new Lease(this, spec.Id);
        });
    }

    /// <inheritdoc/>
    /// <exception cref="TrialLedgerException">The file cannot be written; the result was not added.</exception>
    public bool Add(TrialSpec spec, TrialResult result)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(result);
        result.Check(spec);
        return Settle(spec, () =>
        {
            _failures.Delete(spec.Id);
            return _trials.Insert(spec, result);
        });
    }

    /// <inheritdoc/>
    /// <exception cref="TrialLedgerException">The file cannot be written; the failure was not added.</exception>
    public bool Add(TrialSpec spec, TrialFailure failure)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(failure);
        return Settle(spec, () => _failures.Insert(spec, failure));
    }

    /// <inheritdoc/>
    /// <exception cref="TrialLedgerException">The file cannot be read, or a result is not the one that was added.</exception>
    public TrialRun Read(IReadOnlyList<string> trialIds)
    {
        ArgumentNullException.ThrowIfNull(trialIds);
        return Use(() =>
        {
            List<TrialResult> results = [];
            List<TrialFailure> failures = [];
            foreach (var id in trialIds)
                if (_trials.Find(id) is { } result)
                    results.Add(result);
                else if (_failures.Find(id) is { } failure)
                    failures.Add(failure);
            return new TrialRun { Results = results, Failures = failures };
        });
    }

    /// <inheritdoc/>
    /// <exception cref="TrialLedgerException">The file cannot be written.</exception>
    public void DropFailures(IReadOnlyList<string> trialIds)
    {
        ArgumentNullException.ThrowIfNull(trialIds);
        Use(() =>
        {
            foreach (var id in trialIds)
                _failures.Delete(id);
        });
    }

    /// <inheritdoc/>
    /// <exception cref="TrialLedgerException">The file cannot be read, or the measurement is not the one that was kept.</exception>
    public string? FindMeasurement(string id) => Use(() => _calibrations.Find(id));

    /// <inheritdoc/>
    /// <exception cref="TrialLedgerException">The file cannot be written.</exception>
    public string KeepMeasurement(string id, string unlearner, string content) => Use(() =>
    {
        NoteUse();
        _calibrations.Insert(id, unlearner, content);
        return _calibrations.Find(id)!;
    });

    /// <inheritdoc/>
    /// <exception cref="TrialLedgerException">The file cannot be written.</exception>
    public void Together(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Use(() =>
        {
            // Outside the transaction: a rollback must not take away what this object believes to have.
            _leases.Begin();
            NoteUse();
            string[] claimed = [.. _claimed];
            try
            {
                return _connection.InTransaction(() =>
                {
                    work();
                    return 0;
                });
            }
            catch
            {
                _claimed.UnionWith(claimed); // what was settled is not, after all
                throw;
            }
        });
    }

    /// <inheritdoc/>
    public void DemandSpace(double bytes)
    {
        var free = new DriveInfo(Path.GetDirectoryName(_path)!).AvailableFreeSpace;
        var needed = bytes - new FileInfo(_path).Length - (new FileInfo(LedgerLog.PathOf(_path)) is { Exists: true } log ? log.Length : 0);
        if (free < needed)
            throw new TrialLedgerException(Invariant($"The disk of the ledger '{_path}' has {free / 1e6:0} MB left, but the trials take at least ")
                + Invariant($"{needed / 1e6:0} MB: free some space, or name a ledger on another disk."));
    }

    /// <summary>Closes the file and gives up all claims.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _heartbeat?.Dispose();
            LetExpire(_leases.EndSession);
            LetExpire(() => LedgerLog.NoteEnd(_connection));
            _connection.Dispose();
            LedgerLog.Stand(_path);
        }
    }

    /// <summary>The open file, for tests.</summary>
    internal LedgerConnection Connection => _connection;

    private void NoteUse()
    {
        if (!_connection.IsInTransaction)
            LedgerLog.NoteUse(_connection);
    }

    private bool Settle(TrialSpec spec, Func<bool> insert) => Use(() =>
    {
        NoteUse();
        var isNew = _connection.InTransaction(() =>
        {
            _leases.Settle(spec.Id);
            return insert();
        });
        _claimed.Remove(spec.Id);
        return isNew;
    });

    private void Beat()
    {
        lock (_gate)
            if (!_isDisposed)
                LetExpire(_leases.Renew);
    }

    private void Release(string trialId)
    {
        lock (_gate)
            if (_claimed.Remove(trialId) && !_isDisposed)
                LetExpire(() => _leases.Release(trialId));
    }

    // A claim that cannot be renewed or released ends by itself, and results are safe without it. If something is wrong with the file, adding a result throws.
    private static void LetExpire(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is SqliteException or OperationCanceledException)
        {
        }
    }

    private void Use(Action action) => Use(() =>
    {
        action();
        return 0;
    });

    private T Use<T>(Func<T> action)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            try
            {
                return action();
            }
            catch (SqliteException failure)
            {
                throw TrialLedgerFile.Explain(_path, failure, _patience);
            }
        }
    }

    private sealed class Lease(SqliteTrialLedger ledger, string trialId) : IDisposable
    {
        public void Dispose() => ledger.Release(trialId);
    }
}
