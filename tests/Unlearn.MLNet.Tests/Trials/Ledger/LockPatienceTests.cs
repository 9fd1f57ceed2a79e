using System.Globalization;
using Microsoft.Data.Sqlite;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

/// <summary>A ledger waits while another process holds its lock, for as long as its options say.</summary>
public sealed class LockPatienceTests : IDisposable
{
    private static readonly TrialPlan Plan = TestTrials.Plan(trials: 20);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ALockThatIsHeldForLongIsWaitedForAndToldAndThenTheWorkGoesOn()
    {
        var path = _folder.File("locked.db");
        List<TimeSpan> told = [];
        using var held = new ManualResetEventSlim();
        using var ledger = new SqliteTrialLedger(path, patience: new(TimeSpan.FromMinutes(5), waited =>
        {
            told.Add(waited);
            held.Set();
        }));
        using var other = Lock(path);
        var adding = Task.Run(() => SqliteTrialLedgerTests.AddAll(ledger, Plan), TestContext.Current.CancellationToken);
        Assert.True(held.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.False(adding.IsCompleted);
        Run(other, "ROLLBACK");
        Assert.Equal(20, await adding);
        Assert.NotEmpty(told);
    }

    [Fact]
    public void PatienceEndsWithItsOptionAndWithACancellation()
    {
        var path = _folder.File("locked.db");
        using (var ledger = new SqliteTrialLedger(path, patience: new(TimeSpan.FromSeconds(1))))
        using (Lock(path))
        {
            var failure = Assert.Throws<TrialLedgerException>(() => SqliteTrialLedgerTests.AddAll(ledger, Plan));
            Assert.Contains("was locked by another process for 1 s", failure.Message, StringComparison.Ordinal);
            Assert.Contains("LockTimeout", failure.Message, StringComparison.Ordinal);
        }
        using var stop = new CancellationTokenSource();
        using (var ledger = new SqliteTrialLedger(path, patience: new(TimeSpan.FromHours(1), _ => stop.Cancel(), stop.Token)))
        using (Lock(path))
            Assert.ThrowsAny<OperationCanceledException>(() => SqliteTrialLedgerTests.AddAll(ledger, Plan));
        using var free = new SqliteTrialLedger(path);
        Assert.Equal(20, SqliteTrialLedgerTests.AddAll(free, Plan));
    }

    private static SqliteConnection Lock(string path)
    {
        var connection = new SqliteConnection(string.Create(CultureInfo.InvariantCulture, $"Data Source={path};Pooling=false"));
        connection.Open();
        Run(connection, "BEGIN IMMEDIATE");
        return connection;
    }

    private static void Run(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants
        command.CommandText = statement;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
