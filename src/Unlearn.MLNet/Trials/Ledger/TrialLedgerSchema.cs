using Unlearn.MLNet.Measuring;

namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>The tables of a ledger, and how an older version's file gets them.</summary>
internal static class TrialLedgerSchema
{
    /// <summary>The n-th step leads from version n to version n + 1; an empty file has version 0.</summary>
    private static readonly string[] Steps =
    [
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
        """,
        """
        CREATE TABLE failure (
            id                TEXT    NOT NULL PRIMARY KEY,
            unlearner         TEXT    NOT NULL,
            context           TEXT    NOT NULL,
            half              INTEGER NOT NULL,
            number            INTEGER NOT NULL,
            seed              INTEGER NOT NULL,
            reason            TEXT    NOT NULL,
            is_transient      INTEGER NOT NULL,
            attempts          INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE plan (
            key               INTEGER PRIMARY KEY,
            first_trial       TEXT    NOT NULL UNIQUE,
            unlearner         TEXT    NOT NULL,
            context           TEXT    NOT NULL,
            description       TEXT    NOT NULL
        ) STRICT;
        CREATE TABLE session (
            key               INTEGER PRIMARY KEY AUTOINCREMENT,
            machine           TEXT    NOT NULL,
            process           INTEGER NOT NULL,
            expires           INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE lease (
            trial             TEXT    NOT NULL PRIMARY KEY,
            session           INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
        """
        ALTER TABLE trial ADD COLUMN cpu_seconds REAL;
        ALTER TABLE trial ADD COLUMN retained_accuracy_before REAL;
        ALTER TABLE trial ADD COLUMN test_accuracy_before REAL;
        ALTER TABLE trial ADD COLUMN changed_predictions REAL;
        ALTER TABLE trial ADD COLUMN parameter_shift REAL;
        ALTER TABLE trial ADD COLUMN steps INTEGER;
        ALTER TABLE trial ADD COLUMN step_confidences BLOB;
        ALTER TABLE trial ADD COLUMN all_logit_confidences BLOB;
        ALTER TABLE outcome ADD COLUMN logit_confidence_after REAL;
        ALTER TABLE outcome ADD COLUMN changed_neighbours REAL;
        """,
        """
        ALTER TABLE trial ADD COLUMN outcomes BLOB NOT NULL DEFAULT x'';
        ALTER TABLE trial ADD COLUMN preparation_seconds REAL;
        """,
        """
        ALTER TABLE trial ADD COLUMN shard_displacements BLOB;
        CREATE TABLE calibration (id TEXT NOT NULL PRIMARY KEY, unlearner TEXT NOT NULL, content TEXT NOT NULL, checksum TEXT NOT NULL) STRICT, WITHOUT ROWID;
        """,
        """
        CREATE TABLE log (is_used INTEGER NOT NULL) STRICT;
        INSERT INTO log VALUES (0);
        """,
    ];

    // Up to this version, every outcome was a row of its own.
    private const int LastVersionWithOutcomeTable = 3;

    /// <summary>The version that this program writes.</summary>
    public static int Version => Steps.Length;

    /// <summary>Brings the file to this program's version. What is in it stays.</summary>
    public static void Upgrade(LedgerConnection connection) => Upgrade(connection, Version);

    /// <summary>Brings the file to a version, unless it has a newer one.</summary>
    internal static void Upgrade(LedgerConnection connection, int to)
    {
        if (VersionOf(connection) >= to)
            return;
        connection.InTransaction(() =>
        {
            // Another process may have been faster: only the first to hold the write lock finds an old version.
            for (var version = VersionOf(connection); version < to; version++)
            {
                connection.Script(Steps[version]);
                if (version == LastVersionWithOutcomeTable)
                    PackOutcomes(connection);
            }
            return connection.Script(Invariant($"PRAGMA application_id = {TrialLedgerFile.ApplicationId}; PRAGMA user_version = {to}"));
        });
    }

    private static void PackOutcomes(LedgerConnection connection)
    {
        var memory = new ByteWriter();
        List<long> trials = [];
        for (var row = connection.Rows("SELECT key FROM trial"); row.Next();)
            trials.Add(row.Integer(0));
        foreach (var trial in trials)
        {
            List<RowOutcome> outcomes = [];
            for (var row = connection.Rows("SELECT row_id, confidence_before, confidence_after, logit_confidence_after, "
                + "changed_neighbours FROM outcome WHERE trial = ?1 ORDER BY position", trial); row.Next();)
                outcomes.Add(new()
                {
                    RowId = row.Text(0),
                    ConfidenceBefore = row.Real(1),
                    ConfidenceAfter = row.Real(2),
                    LogitConfidenceAfter = row.Number(3),
                    ChangedNeighbors = row.Number(4),
                });
            connection.Execute("UPDATE trial SET outcomes = ?2 WHERE key = ?1", trial, OutcomeBytes.Pack(outcomes, memory));
        }
        connection.Script("DROP TABLE outcome");
    }

    /// <summary>The version of the file.</summary>
    public static long VersionOf(LedgerConnection connection) => (long)connection.Script("PRAGMA user_version")!;
}
