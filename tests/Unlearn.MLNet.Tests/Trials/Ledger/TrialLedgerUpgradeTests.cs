using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Unlearn.MLNet.Trials.Planning;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

/// <summary>Files of version 1, made by the statements of version 1.</summary>
public sealed class TrialLedgerUpgradeTests : IDisposable
{
    private static readonly TrialPlan Plan = TestTrials.Plan();

    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public TrialLedgerUpgradeTests() => _path = _folder.File("ledger.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FinishedTrialsAreKeptAndNewOnesAdded()
    {
        WriteVersion1(Plan.Trials.Take(4));
        using (var ledger = new SqliteTrialLedger(_path))
        {
            ledger.Register(Plan, allowOthers: false);
            foreach (var trial in Plan.Trials.Take(4))
                TestTrials.AssertSame(TestTrials.Result(trial), ledger.Read(trial));
            Assert.Equal(Plan.Trials.Count - 4, SqliteTrialLedgerTests.AddAll(ledger, Plan));
        }
        SqliteTrialLedgerTests.AssertHoldsExactly(_path, Plan);
        using var reopened = new SqliteTrialLedger(_path);
        Assert.Equal(6L, reopened.Connection.Script("PRAGMA user_version"));
    }

    [Fact]
    public void OutcomesOfVersion3KeepWhatVersion1DidNotMeasure()
    {
        WriteVersion1(Plan.Trials);
        var expected = Plan.Trials
            .Select(TestTrials.FullResult)
            .Select(full => TestTrials.Result(Plan.Trials.Single(trial => trial.Id == full.TrialId)) with { Outcomes = full.Outcomes })
            .ToList();
        var database = new SqliteConnection($"Data Source={_path};Pooling=false");
        database.Open();
        using (var connection = new LedgerConnection(database))
        {
            TrialLedgerSchema.Upgrade(connection, to: 3);
            foreach (var result in expected)
            {
                connection.Execute("UPDATE trial SET checksum = ?2 WHERE id = ?1", result.TrialId, TrialChecksum.Of(result, new()));
                foreach (var outcome in result.Outcomes)
                    connection.Execute(
                        "UPDATE outcome SET logit_confidence_after = ?3, changed_neighbours = ?4 WHERE row_id = ?2 AND trial = (SELECT key FROM trial "
                        + "WHERE id = ?1)",
                        result.TrialId, outcome.RowId, outcome.LogitConfidenceAfter, outcome.ChangedNeighbors);
            }
        }
        using var ledger = new SqliteTrialLedger(_path);
        Assert.Equal(0L, ledger.Connection.Script("SELECT count(*) FROM sqlite_master WHERE name = 'outcome'"));
        foreach (var (result, trial) in expected.Zip(Plan.Trials))
            TestTrials.AssertSame(result, ledger.Read(trial));
    }

    [Fact]
    public void AnotherPlanIsRefusedThoughVersion1DidNotRecordTheDifference()
    {
        WriteVersion1(Plan.Trials);
        using var ledger = new SqliteTrialLedger(_path);
        var other = TrialPlanner.Plan("EU", TestTrials.Context("another"), TestTrials.Ids(20), 4, 0.3, 1);
        Assert.Contains(
            "an older version", Assert.Throws<TrialLedgerException>(() => ledger.Register(other, allowOthers: false)).Message, StringComparison.Ordinal);
        ledger.Register(other, allowOthers: true);
    }

    [Fact]
    public async Task SeveralConnectionsUpgradeAFileOnce()
    {
        WriteVersion1(Plan.Trials);
        using var ready = new Barrier(4);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(() =>
        {
            ready.SignalAndWait(TestContext.Current.CancellationToken);
            using var ledger = new SqliteTrialLedger(_path);
            Assert.Equal(Plan.Trials.Count, ledger.Finished(Plan).Count);
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        SqliteTrialLedgerTests.AssertHoldsExactly(_path, Plan);
    }

    private void WriteVersion1(IEnumerable<TrialSpec> trials)
    {
        var database = new SqliteConnection($"Data Source={_path};Pooling=false");
        database.Open();
        using var connection = new LedgerConnection(database);
        connection.Script(
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
            PRAGMA application_id = 1431194700;
            PRAGMA user_version = 1;
            PRAGMA journal_mode = WAL;
            """);
        foreach (var (spec, result) in trials.Select(trial => (trial, TestTrials.Result(trial))))
        {
            connection.Execute(
                "INSERT INTO trial (id, unlearner, context, half, number, seed, forget_count, retained_accuracy, test_accuracy, seconds, checksum) VALUES (?1, "
                + "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                spec.Id, spec.Unlearner, spec.Context, spec.Half, spec.Index, spec.Seed, spec.ForgetIds.Count, result.RetainedAccuracy, result.TestAccuracy,
                result.Seconds, Version1Checksum(result));
            var key = connection.Number("SELECT last_insert_rowid()");
            for (var position = 0; position < result.Outcomes.Count; position++)
                connection.Execute(
                    "INSERT INTO outcome (trial, position, row_id, confidence_before, confidence_after) VALUES (?1, ?2, ?3, ?4, ?5)",
                    key, position, result.Outcomes[position].RowId, result.Outcomes[position].ConfidenceBefore, result.Outcomes[position].ConfidenceAfter);
        }
    }

    private static string Version1Checksum(TrialResult result)
    {
        List<byte> content = [];
        Text(result.TrialId);
        Number(result.RetainedAccuracy);
        Number(result.TestAccuracy ?? double.NaN);
        Number(result.Seconds);
        foreach (var outcome in result.Outcomes)
        {
            Text(outcome.RowId);
            Number(outcome.ConfidenceBefore);
            Number(outcome.ConfidenceAfter);
        }
        return Convert.ToHexStringLower(SHA256.HashData(content.ToArray()));

        void Text(string text)
        {
            Number(text.Length);
            content.AddRange(Encoding.ASCII.GetBytes(text));
        }

        void Number(double number) => content.AddRange(BitConverter.GetBytes(number));
    }
}
