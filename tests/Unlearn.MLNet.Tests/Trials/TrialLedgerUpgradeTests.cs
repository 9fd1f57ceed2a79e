using Microsoft.Data.Sqlite;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Sqlite;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials;

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
        Assert.Equal(2L, reopened.Connection.Script("PRAGMA user_version"));
    }

    [Fact]
    public void AnotherPlanIsRefusedThoughVersion1DidNotRecordTheDifference()
    {
        WriteVersion1(Plan.Trials);
        using var ledger = new SqliteTrialLedger(_path);
        var other = TrialPlanner.Plan("EU", TestTrials.Context("another"), TestTrials.Ids(20), 4, 0.3, 1);
        Assert.Contains("an older version", Assert.Throws<TrialLedgerException>(() => ledger.Register(other, allowOthers: false)).Message, StringComparison.Ordinal);
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
        var table = new TrialTable(connection);
        foreach (var trial in trials)
            table.Insert(trial, TestTrials.Result(trial));
    }
}
