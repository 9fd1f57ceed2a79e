using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Unlearn.MLNet.Trials;

/// <summary>The file of a <see cref="SqliteTrialLedger"/>: opens, recognises, checks and creates it.</summary>
internal static class TrialLedgerFile
{
    private const int ApplicationId = 0x554E4C4C; // "UNLL"
    private const int Version = 1;
    private const int BusySeconds = 30;
    private const int SmallestDatabase = 512;

    private const string Cure = "Restore it from a copy, or move it away to start a new one.";

    private const string Schema =
        """
        CREATE TABLE trial (
            key               INTEGER PRIMARY KEY,
            id                TEXT    NOT NULL UNIQUE,
            unlearner         TEXT    NOT NULL,
            context           TEXT    NOT NULL,
            half              INTEGER NOT NULL,
            number            INTEGER NOT NULL,
            seed              INTEGER NOT NULL,
            forget_count      INTEGER NOT NULL,
            retained_accuracy REAL    NOT NULL,
            test_accuracy     REAL,
            seconds           REAL    NOT NULL,
            checksum          TEXT    NOT NULL
        ) STRICT;
        CREATE TABLE outcome (
            trial             INTEGER NOT NULL REFERENCES trial (key),
            position          INTEGER NOT NULL,
            row_id            TEXT    NOT NULL,
            confidence_before REAL    NOT NULL,
            confidence_after  REAL    NOT NULL,
            PRIMARY KEY (trial, position)
        ) STRICT, WITHOUT ROWID;
        """;

    /// <summary>Opens the file for reading and writing; creates it where it is missing or empty.</summary>
    /// <exception cref="TrialLedgerException">It is not a ledger that this version can use.</exception>
    public static SqliteConnection Open(string path)
    {
        // SQLite takes a file shorter than its smallest page for an empty one, and would overwrite it.
        if (new FileInfo(path) is { Exists: true, Length: > 0 and < SmallestDatabase })
            throw new TrialLedgerException(NotALedger(path));

        // Without pooling, disposing really closes the file and folds the WAL into it.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = BusySeconds }.ToString());
        try
        {
            connection.Open();
            Execute(connection, $"PRAGMA busy_timeout = {BusySeconds * 1000}");
            var isEmpty = IsEmpty(connection);
            if (!isEmpty)
            {
                Recognise(connection, path);
                CheckContent(connection, path);
            }
            UseWriteAheadLog(connection, path);
            Execute(connection, "PRAGMA synchronous = NORMAL");
            if (isEmpty)
            {
                Create(connection);
                Recognise(connection, path);
            }
            return connection;
        }
        catch (SqliteException failure)
        {
            connection.Dispose();
            throw Explain(path, failure);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Says what a failure of SQLite means for the user of a ledger.</summary>
    public static TrialLedgerException Explain(string path, SqliteException failure)
    {
        var cause = failure.SqliteErrorCode switch
        {
            SQLitePCL.raw.SQLITE_NOTADB => NotALedger(path),
            SQLitePCL.raw.SQLITE_CORRUPT => $"The ledger '{path}' is damaged. {Cure}",
            SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED => $"The ledger '{path}' was locked by another process for {BusySeconds} s. Run again when that process is done; finished trials are kept.",
            SQLitePCL.raw.SQLITE_CANTOPEN => $"The ledger '{path}' cannot be opened. Check that the path names a file and that it may be read and written.",
            SQLitePCL.raw.SQLITE_READONLY => $"The ledger '{path}' cannot be written. Check the rights of the file and of its folder.",
            SQLitePCL.raw.SQLITE_FULL => $"The disk of the ledger '{path}' is full. Free some space and run again; finished trials are kept.",
            _ => $"The ledger '{path}' cannot be used. If this repeats, the file may be damaged: {Cure}",
        };
        return new TrialLedgerException($"{cause} [{failure.Message}]", failure);
    }

    /// <summary>The exception for a file whose content contradicts itself.</summary>
    public static TrialLedgerException Damaged(string path, string? finding) => new($"The ledger '{path}' is damaged. {Cure} [{finding}]");

    private static string NotALedger(string path) => $"'{path}' is not a ledger of trials, or is damaged. {Cure}";

    private static bool IsEmpty(SqliteConnection connection) =>
        Number(connection, "PRAGMA application_id") == 0
        && Number(connection, "PRAGMA user_version") == 0
        && Number(connection, "SELECT count(*) FROM sqlite_schema") == 0;

    private static void Recognise(SqliteConnection connection, string path)
    {
        if (Number(connection, "PRAGMA application_id") != ApplicationId)
            throw new TrialLedgerException($"'{path}' is a database of another application, not a ledger of trials. It was left as it was: choose another path for the ledger.");
        var version = Number(connection, "PRAGMA user_version");
        if (version > Version)
            throw new TrialLedgerException(Invariant($"The ledger '{path}' has version {version}, but this program knows versions up to {Version}. Use the newer program that wrote it, or choose another path."));
        if (version < Version)
            throw new TrialLedgerException(Invariant($"The ledger '{path}' has version {version}, which never existed: it is damaged. {Cure}"));
    }

    private static void UseWriteAheadLog(SqliteConnection connection, string path)
    {
        using var command = Command(connection, "PRAGMA journal_mode = WAL");
        var mode = (string?)command.ExecuteScalar();
        if (mode != "wal")
            throw new TrialLedgerException($"The file system of the ledger '{path}' does not support SQLite's write-ahead log. Keep the ledger on a local disk. [journal mode '{mode}']");
    }

    private static void Create(SqliteConnection connection)
    {
        // Another process may be creating the same file: only the first to hold the write lock finds it empty.
        using var transaction = connection.BeginTransaction();
        if (!IsEmpty(connection))
            return;
        Execute(connection, Schema);
        Execute(connection, Invariant($"PRAGMA application_id = {ApplicationId}"));
        Execute(connection, Invariant($"PRAGMA user_version = {Version}"));
        transaction.Commit();
    }

    private static void CheckContent(SqliteConnection connection, string path)
    {
        // Hardly dearer than quick_check: the only index is that of the trials' ids, which quick_check would leave out.
        using var check = Command(connection, "PRAGMA integrity_check(1)");
        var verdict = (string?)check.ExecuteScalar();
        if (verdict != "ok")
            throw Damaged(path, verdict);
    }

    private static long Number(SqliteConnection connection, string query)
    {
        using var command = Command(connection, query);
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string statements)
    {
        using var command = Command(connection, statements);
        command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string text)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this file.
        command.CommandText = text;
#pragma warning restore CA2100
        return command;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
