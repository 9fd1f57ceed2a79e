using Microsoft.Data.Sqlite;

namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>
/// Keeps a lost write-ahead log from being taken for an empty ledger. Results lie in that file until it is folded into the ledger. So the ledger itself
/// notes that it is in use, from before the first result until it is closed: if it is noted and there is no log, results are missing.
/// </summary>
internal static class LedgerLog
{
    /// <summary>Path of a ledger's log.</summary>
    public static string PathOf(string ledger) => $"{ledger}-wal";

    /// <summary>Checks a ledger before it is opened, since opening it makes an empty log.</summary>
    /// <exception cref="TrialLedgerException">It was not closed, and its log is missing.</exception>
    public static void Check(string path)
    {
        // Looked for twice: another process may open the ledger in between.
        if (!File.Exists(path) || File.Exists(PathOf(path)) || ResultsInUse(path) is not { } kept || File.Exists(PathOf(path)))
            return;
        throw new TrialLedgerException($"The ledger '{path}' was not closed when it was last used, and its log '{PathOf(path)}' is missing. What was finished "
            + $"after the {kept} results that are in the ledger was in that file: put it back beside the ledger. To go on without it, make an empty file of "
            + "that name; nothing is lost if another program has opened and closed the ledger since, which folds the log into it.");
    }

    /// <summary>Notes that results may lie in the log from now on. Not within a transaction.</summary>
    public static void NoteUse(LedgerConnection connection)
    {
        if (connection.Number("SELECT is_used FROM log") != 0)
            return;
        connection.Execute("UPDATE log SET is_used = 1");
        connection.Script("PRAGMA wal_checkpoint(FULL)"); // the note must not lie in the log alone
    }

    /// <summary>Notes that the ledger is about to be closed. Another process that still uses it notes that again.</summary>
    public static void NoteEnd(LedgerConnection connection) => connection.Execute("UPDATE log SET is_used = 0 WHERE is_used = 1");

    /// <summary>Makes an empty log where a ledger was closed, and so folded into its file, that still notes its use.</summary>
    public static void Stand(string path)
    {
        if (File.Exists(path) && ResultsInUse(path) is not null && !File.Exists(PathOf(path)))
            File.Create(PathOf(path)).Dispose();
    }

    // Reads the file as it lies there, without making a log; null if it does not note that it is in use, or is no ledger of this version.
    private static long? ResultsInUse(string path)
    {
        try
        {
            using var alone = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = $"{new Uri(path).AbsoluteUri}?immutable=1",
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ToString());
            alone.Open();
            using var command = alone.CreateCommand();
            command.CommandText = "SELECT (SELECT count(*) FROM trial) FROM log WHERE is_used = 1";
            return (long?)command.ExecuteScalar();
        }
        catch (SqliteException)
        {
            return null; // an older ledger, or what opening it finds out and explains
        }
    }
}
