using Microsoft.Data.Sqlite;

namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>The file of a <see cref="SqliteTrialLedger"/>: opens, recognizes, checks, upgrades and creates it.</summary>
internal static class TrialLedgerFile
{
    public const int ApplicationId = 0x554E4C4C; // "UNLL"

    private const int SmallestDatabase = 512;

    // Results take tens of kilobytes: twice SQLite's own page needs fewer calls to write one. A file keeps the size that it began with.
    private const int PageSize = 8192;

    // Moving the log's pages into the file waits for the disk, some 20 ms. Four times SQLite's own 4 MB makes that rare, or twice where a file has
    // the smaller pages.
    private const int CheckpointPages = 16 * 1024 * 1024 / PageSize;

    private const string Cure = "Restore it from a copy, or move it away to start a new one.";

    /// <summary>Opens the file for reading and writing; creates it where it is missing or empty.</summary>
    /// <exception cref="TrialLedgerException">It is not a ledger that this version can use, or its log is missing.</exception>
    public static LedgerConnection Open(string path, LockPatience patience)
    {
        // SQLite takes a file shorter than its smallest page for an empty one, and would overwrite it.
        if (new FileInfo(path) is { Exists: true, Length: > 0 and < SmallestDatabase })
            throw new TrialLedgerException(NotALedger(path));
        LedgerLog.Check(path);

        // Without pooling, disposing really closes the file and folds the WAL into it.
        var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = LockPatience.SecondsOfTry }
            .ToString());
        var connection = new LedgerConnection(database, patience);
        try
        {
            database.Open();
            connection.Script(Invariant($"PRAGMA page_size = {PageSize}; PRAGMA busy_timeout = {LockPatience.SecondsOfTry * 1000}"));
            if (!IsEmpty(connection))
            {
                Recognize(connection);
                CheckContent(connection);
            }
            UseWriteAheadLog(connection);
            connection.Script(Invariant($"PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = {CheckpointPages}"));
            TrialLedgerSchema.Upgrade(connection);
            Recognize(connection);
            LedgerLog.NoteUse(connection);
            return connection;
        }
        catch (SqliteException failure)
        {
            connection.Dispose();
            throw Explain(path, failure, patience);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Says what a failure of SQLite means for the user of a ledger.</summary>
    public static TrialLedgerException Explain(string path, SqliteException failure, LockPatience patience)
    {
        var cause = failure.SqliteErrorCode switch
        {
            SQLitePCL.raw.SQLITE_NOTADB => NotALedger(path),
            SQLitePCL.raw.SQLITE_CORRUPT => $"The ledger '{path}' is damaged. {Cure}",
            SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED =>
                Invariant($"The ledger '{path}' was locked by another process for {patience.Longest.TotalSeconds:0} s. ")
                + "Run again when that process is done, or raise LockTimeout of the trials; finished trials are kept.",
            SQLitePCL.raw.SQLITE_CANTOPEN =>
                $"The ledger '{path}' cannot be opened. Check that the path names a file, and that the file and its folder may be read and written.",
            SQLitePCL.raw.SQLITE_READONLY =>
                $"The ledger '{path}' cannot be written. Check the rights of the file and of its folder, and whether the disk is mounted for reading only.",
            SQLitePCL.raw.SQLITE_FULL => $"The disk of the ledger '{path}' is full. Free some space and run again; finished trials are kept.",
            _ => $"The ledger '{path}' cannot be used. If this repeats, the file may be damaged: {Cure}",
        };
        return new TrialLedgerException($"{cause} [{failure.Message}]", failure);
    }

    /// <summary>The exception for a file with contradictory content.</summary>
    public static TrialLedgerException Damaged(string path, string? finding) => new($"The ledger '{path}' is damaged. {Cure} [{finding}]");

    private static string NotALedger(string path) => $"'{path}' is not a ledger of trials, or is damaged. {Cure}";

    private static bool IsEmpty(LedgerConnection connection) =>
        ApplicationIdOf(connection) == 0
        && TrialLedgerSchema.VersionOf(connection) == 0
        && (long)connection.Script("SELECT count(*) FROM sqlite_schema")! == 0;

    private static void Recognize(LedgerConnection connection)
    {
        if (ApplicationIdOf(connection) != ApplicationId)
            throw new TrialLedgerException($"'{connection.Path}' is a database of another application, not a ledger of trials. It was left as it was: "
                + "choose another path for the ledger.");
        var version = TrialLedgerSchema.VersionOf(connection);
        if (version > TrialLedgerSchema.Version)
            throw new TrialLedgerException(
                Invariant($"The ledger '{connection.Path}' has version {version}, but this program knows versions up to {TrialLedgerSchema.Version}. ")
                + Invariant($"Use the newer program that wrote it, or choose another path."));
        if (version < 1)
            throw new TrialLedgerException(Invariant($"The ledger '{connection.Path}' has version {version}, which never existed: it is damaged. {Cure}"));
    }

    private static void UseWriteAheadLog(LedgerConnection connection)
    {
        var mode = (string?)connection.Script("PRAGMA journal_mode = WAL");
        if (mode != "wal")
            throw new TrialLedgerException($"The file system of the ledger '{connection.Path}' does not support SQLite's write-ahead log. "
                + $"Keep the ledger on a local disk. [journal mode '{mode}']");
    }

    private static void CheckContent(LedgerConnection connection)
    {
        // Hardly dearer than quick_check, which would leave out the indexes: there are two, of ids.
        var verdict = (string?)connection.Script("PRAGMA integrity_check(1)");
        if (verdict != "ok")
            throw Damaged(connection.Path, verdict);
    }

    private static long ApplicationIdOf(LedgerConnection connection) => (long)connection.Script("PRAGMA application_id")!;
}
