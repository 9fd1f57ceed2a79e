using Microsoft.Data.Sqlite;
using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Unlearn.MLNet.Trials.Planning;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

public sealed class SqliteTrialLedgerTests : TrialLedgerContract
{
    private readonly TemporaryFolder _folder = new();

    public override void Dispose() => _folder.Dispose();

    private protected override ITrialLedger Open() => new SqliteTrialLedger(_folder.File("ledger.db"));

    [Theory]
    [InlineData("UPDATE trial SET cpu_seconds = cpu_seconds + 1")]
    [InlineData("UPDATE trial SET parameter_shift = NULL")]
    [InlineData("UPDATE trial SET preparation_seconds = 3")]
    [InlineData("UPDATE trial SET steps = steps + 1")]
    [InlineData("UPDATE trial SET step_confidences = zeroblob(length(step_confidences))")]
    [InlineData("UPDATE trial SET all_logit_confidences = zeroblob(length(all_logit_confidences))")]
    [InlineData("UPDATE trial SET outcomes = zeroblob(length(outcomes))")]
    [InlineData("UPDATE trial SET outcomes = substr(outcomes, 1, length(outcomes) - 1)")]
    [InlineData("UPDATE trial SET outcomes = x'05'")]
    [InlineData("UPDATE trial SET retained_accuracy_before = retained_accuracy_before / 2")]
    [InlineData("UPDATE trial SET test_accuracy_before = test_accuracy_before / 2")]
    [InlineData("UPDATE trial SET changed_predictions = changed_predictions / 2")]
    [InlineData("UPDATE trial SET shard_displacements = zeroblob(length(shard_displacements))")]
    public void AChangedMeasurementIsNoticed(string change)
    {
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        var spec = TestTrials.Plan().Trials[0];
        ledger.Add(spec, TestTrials.FullResult(spec));
        ledger.Connection.Script(change);
        Assert.Contains("is damaged", Assert.Throws<TrialLedgerException>(() => ledger.Read([spec.Id])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADiskWithoutRoomIsFoundBeforeTheWork()
    {
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        ledger.DemandSpace(1e6);
        var failure = Assert.Throws<TrialLedgerException>(() => ledger.DemandSpace(1e18));
        Assert.Matches("has [0-9]{1,8} MB left, but the trials take at least 1000000000000 MB", failure.Message);
    }

    [Fact]
    public void AChangedMeasurementOfACalibrationIsNoticed()
    {
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        ledger.KeepMeasurement("id", "FT", "first");
        ledger.Connection.Script("UPDATE calibration SET content = 'second'");
        Assert.Contains("'id' does not match", Assert.Throws<TrialLedgerException>(() => ledger.FindMeasurement("id")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StepsThatMakeNoSenseAreNamed()
    {
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        var spec = TestTrials.Plan().Trials[0];
        ledger.Add(spec, TestTrials.FullResult(spec));
        ledger.Connection.Script("UPDATE trial SET steps = -1");
        Assert.Contains("the steps of trial", Assert.Throws<TrialLedgerException>(() => ledger.Read([spec.Id])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AResultTakesThePlaceOfAFailure()
    {
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        var spec = TestTrials.Plan().Trials[0];
        ledger.Add(spec, TestTrials.Failure(spec));
        Assert.Equal(1L, ledger.Connection.Script("SELECT count(*) FROM failure"));
        ledger.Add(spec, TestTrials.Result(spec));
        Assert.Equal(0L, ledger.Connection.Script("SELECT count(*) FROM failure"));
    }

    [Fact]
    public void WhateverWritesNotesThatTheLedgerIsInUse()
    {
        var spec = TestTrials.Plan().Trials[0];
        Action<SqliteTrialLedger>[] writes =
        [
            ledger => ledger.Add(spec, TestTrials.Result(spec)),
            ledger => ledger.Add(spec, TestTrials.Failure(spec)),
            ledger => ledger.KeepMeasurement("id", "FT", "first"),
            ledger => ledger.Together(() => ledger.KeepMeasurement("id", "FT", "first")),
        ];
        foreach (var (write, number) in writes.Select((write, number) => (write, number)))
        {
            using var ledger = new SqliteTrialLedger(_folder.File($"{number}.db"));
            ledger.Connection.Script("UPDATE log SET is_used = 0");
            write(ledger);
            Assert.Equal(1L, ledger.Connection.Script("SELECT is_used FROM log"));
        }
    }

    [Fact]
    public void ErrorsOfSQLiteAreToldAsErrorsOfTheLedger()
    {
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        Assert.Throws<SqliteException>(() => ledger.Connection.Execute("INSERT INTO calibration (id) VALUES (?1)", "without content"));
        ledger.Connection.Script("DROP TABLE trial");
        Assert.Contains("ledger.db", Assert.Throws<TrialLedgerException>(() => ledger.States(["nobody"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheFileIsSetUpForManyResults()
    {
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        Assert.Equal("wal", ledger.Connection.Script("PRAGMA journal_mode"));
        Assert.Equal(1L, ledger.Connection.Script("PRAGMA synchronous"));
        Assert.Equal(2048L, ledger.Connection.Script("PRAGMA wal_autocheckpoint"));
        Assert.Equal(8192L, ledger.Connection.Script("PRAGMA page_size"));
        Assert.Equal(LockPatience.SecondsOfTry * 1000L, ledger.Connection.Script("PRAGMA busy_timeout"));
    }

    [Fact]
    public void AnEmptyPathIsRefused() => Assert.Throws<ArgumentException>(() => new SqliteTrialLedger(""));

    [Fact]
    public void AMissingFolderIsCreated()
    {
        using var ledger = new SqliteTrialLedger(_folder.File(Path.Combine("a", "b", "ledger.db")));
        Assert.Equal([TrialState.Pending], ledger.States(["nobody"]));
    }


    internal static void AssertHoldsExactly(string path, TrialPlan plan)
    {
        using (var ledger = new SqliteTrialLedger(path))
            foreach (var trial in plan.Trials)
                TestTrials.AssertSame(TestTrials.Result(trial), ledger.Read(trial));
        using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        Assert.Equal((long)plan.Trials.Count, Count("SELECT count(*) FROM trial"));

        object? Count(string query)
        {
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The two constants above.
            command.CommandText = query;
#pragma warning restore CA2100
            return command.ExecuteScalar();
        }
    }
}
