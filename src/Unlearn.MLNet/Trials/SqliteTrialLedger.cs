using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Unlearn.MLNet.Trials;

/// <summary>
/// Finished trials in one SQLite file: every result is one transaction, none is ever changed or deleted. Several threads and several
/// processes on one machine may use the same file at once. Numbers come back bit for bit, but for −0, which comes back as 0.
/// </summary>
/// <remarks>
/// <para>
/// Durability: the file is in WAL mode with <c>synchronous = NORMAL</c>. A result that was added survives the end of the process in any way,
/// <c>kill -9</c> included. A power failure or a crash of the operating system can take the last few results with it, but never damages the
/// file; their trials run again and, being deterministic, yield the same. In return, adding does not wait for the disk.
/// </para>
/// <para>Keep the file on a local disk: WAL does not work on network file systems. While it is open, files ending in <c>-wal</c> and <c>-shm</c> lie beside it and belong to it.</para>
/// </remarks>
public sealed class SqliteTrialLedger : ITrialLedger
{
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly SqliteConnection _connection;
    private bool _isDisposed;

    /// <summary>Opens a ledger; creates the file, and its folder, where it is missing.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="TrialLedgerException">
    /// The file is damaged, was written by a newer version, belongs to another application, or cannot be opened. It is left as it was.
    /// </exception>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be created.</exception>
    public SqliteTrialLedger(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(_path) ?? _path);
        _connection = TrialLedgerFile.Open(_path);
    }

    /// <inheritdoc/>
    /// <exception cref="TrialLedgerException">The file cannot be read.</exception>
    public IReadOnlySet<string> Finished(IEnumerable<string> trialIds)
    {
        ArgumentNullException.ThrowIfNull(trialIds);
        string[] asked = [.. trialIds];
        return Use(() =>
        {
            using var exists = Command("SELECT EXISTS (SELECT 1 FROM trial WHERE id = $id)", "$id");
            var finished = new HashSet<string>(StringComparer.Ordinal);
            foreach (var id in asked)
            {
                exists.Parameters[0].Value = id;
                if ((long)exists.ExecuteScalar()! == 1)
                    finished.Add(id);
            }
            return finished;
        });
    }

    /// <inheritdoc/>
    /// <exception cref="TrialLedgerException">The file cannot be written; the result was not added.</exception>
    public bool Add(TrialSpec spec, TrialResult result)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(result);
        Check(spec, result);
        return Use(() =>
        {
            using var transaction = _connection.BeginTransaction();
            if (InsertTrial(spec, result) is not { } key)
                return false;
            InsertOutcomes(key, result.Outcomes);
            transaction.Commit();
            return true;
        });
    }

    /// <inheritdoc/>
    /// <exception cref="TrialLedgerException">The file cannot be read, or the result is not the one that was added.</exception>
    public TrialResult Read(string trialId)
    {
        ArgumentNullException.ThrowIfNull(trialId);
        return Use(() =>
        {
            using var trial = Command("SELECT key, retained_accuracy, test_accuracy, seconds, checksum FROM trial WHERE id = $id", "$id");
            trial.Parameters[0].Value = trialId;
            using var row = trial.ExecuteReader();
            if (!row.Read())
                throw new KeyNotFoundException($"The ledger '{_path}' has no result of trial '{trialId}'.");
            var result = new TrialResult(trialId, ReadOutcomes(row.GetInt64(0)), row.GetDouble(1), row.IsDBNull(2) ? null : row.GetDouble(2), row.GetDouble(3));
            return TrialChecksum.Of(result) == row.GetString(4)
                ? result
                : throw TrialLedgerFile.Damaged(_path, $"the result of trial '{trialId}' does not match its checksum");
        });
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _connection.Dispose();
        }
    }

    private static void Check(TrialSpec spec, TrialResult result)
    {
        if (result.TrialId != spec.Id)
            throw new ArgumentException($"The result is of trial '{result.TrialId}', not of {spec}: give the result the spec's id.", nameof(result));
        if (!result.Outcomes.Select(outcome => outcome.RowId).SequenceEqual(spec.ForgetIds, StringComparer.Ordinal))
            throw new ArgumentException($"The outcomes of {spec} are not of its {spec.ForgetIds.Count} forgotten rows: give one outcome for each, in the order of the spec.", nameof(result));
        if (!double.IsFinite(result.RetainedAccuracy) || !double.IsFinite(result.TestAccuracy ?? 0) || !double.IsFinite(result.Seconds))
            throw new ArgumentException($"Retained accuracy, test accuracy or seconds of {spec} is not a finite number.", nameof(result));
        foreach (var outcome in result.Outcomes)
            if (!double.IsFinite(outcome.ConfidenceBefore) || !double.IsFinite(outcome.ConfidenceAfter))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                    $"The confidence of row '{outcome.RowId}' in {spec} is not a finite number ({outcome.ConfidenceBefore} before, {outcome.ConfidenceAfter} after): the model diverged."), nameof(result));
    }

    private long? InsertTrial(TrialSpec spec, TrialResult result)
    {
        using var insert = Command(
            """
            INSERT INTO trial (id, unlearner, context, half, number, seed, forget_count, retained_accuracy, test_accuracy, seconds, checksum)
            VALUES ($id, $unlearner, $context, $half, $number, $seed, $forget_count, $retained_accuracy, $test_accuracy, $seconds, $checksum)
            ON CONFLICT (id) DO NOTHING
            RETURNING key
            """,
            "$id", "$unlearner", "$context", "$half", "$number", "$seed", "$forget_count", "$retained_accuracy", "$test_accuracy", "$seconds", "$checksum");
        object[] values =
        [
            spec.Id, spec.Unlearner, spec.Context, spec.Half, spec.Index, spec.Seed, spec.ForgetIds.Count,
            result.RetainedAccuracy, result.TestAccuracy is { } accuracy ? accuracy : DBNull.Value, result.Seconds, TrialChecksum.Of(result),
        ];
        for (var i = 0; i < values.Length; i++)
            insert.Parameters[i].Value = values[i];
        return (long?)insert.ExecuteScalar();
    }

    private void InsertOutcomes(long key, IReadOnlyList<RowOutcome> outcomes)
    {
        using var insert = Command(
            "INSERT INTO outcome (trial, position, row_id, confidence_before, confidence_after) VALUES ($trial, $position, $row_id, $before, $after)",
            "$trial", "$position", "$row_id", "$before", "$after");
        insert.Parameters[0].Value = key;
        for (var position = 0; position < outcomes.Count; position++)
        {
            insert.Parameters[1].Value = position;
            insert.Parameters[2].Value = outcomes[position].RowId;
            insert.Parameters[3].Value = outcomes[position].ConfidenceBefore;
            insert.Parameters[4].Value = outcomes[position].ConfidenceAfter;
            insert.ExecuteNonQuery();
        }
    }

    private List<RowOutcome> ReadOutcomes(long key)
    {
        using var select = Command("SELECT row_id, confidence_before, confidence_after FROM outcome WHERE trial = $trial ORDER BY position", "$trial");
        select.Parameters[0].Value = key;
        using var rows = select.ExecuteReader();
        var outcomes = new List<RowOutcome>();
        while (rows.Read())
            outcomes.Add(new RowOutcome(rows.GetString(0), rows.GetDouble(1), rows.GetDouble(2)));
        return outcomes;
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant above; values go in as parameters.
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var parameter in parameters)
            command.Parameters.Add(new SqliteParameter(parameter, null));
        return command;
    }

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
                throw TrialLedgerFile.Explain(_path, failure);
            }
        }
    }
}
