using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

/// <summary>A ledger's latest results lie in the log beside it: one that a killed process left is needed, and its loss is told.</summary>
public sealed class LostLogTests : IDisposable
{
    private static readonly TrialPlan Plan = TestTrials.Plan(trials: 20);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    public void ALostLogIsAnErrorThatSaysWhatIsThere(int results)
    {
        var copy = Killed(results, foldedAfter: 0);
        File.Delete($"{copy}-wal");
        var failure = Assert.Throws<TrialLedgerException>(() => new SqliteTrialLedger(copy));
        Assert.Contains($"its log '{copy}-wal' is missing", failure.Message, StringComparison.Ordinal);
        Assert.Contains("after the 0 results", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists($"{copy}-wal"), "looking made a log");
        Assert.Throws<TrialLedgerException>(() => new SqliteTrialLedger(copy));

        // As the message says.
        File.Create($"{copy}-wal").Dispose();
        using (var ledger = new SqliteTrialLedger(copy))
            Assert.Empty(ledger.Finished(Plan));
        using var again = new SqliteTrialLedger(copy);
    }

    [Fact]
    public void ResultsThatWereFoldedIntoTheLedgerAreCounted()
    {
        var copy = Killed(20, foldedAfter: 12);
        File.Delete($"{copy}-wal");
        Assert.Contains("after the 12 results", Assert.Throws<TrialLedgerException>(() => new SqliteTrialLedger(copy)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithItsLogAKilledLedgerHasAllResultsAndCanBeClosed()
    {
        var copy = Killed(20, foldedAfter: 0);
        using (var ledger = new SqliteTrialLedger(copy))
            Assert.Equal(20, ledger.Finished(Plan).Count);
        Assert.False(File.Exists($"{copy}-wal"));
        using var again = new SqliteTrialLedger(copy);
        Assert.Equal(20, again.Finished(Plan).Count);
    }

    [Fact]
    public void ClosingOneOfTwoLeavesTheNoteForTheOther()
    {
        var path = _folder.File("shared.db");
        using var one = new SqliteTrialLedger(path);
        using (var other = new SqliteTrialLedger(path))
            SqliteTrialLedgerTests.AddAll(other, TestTrials.Plan(trials: 4));
        SqliteTrialLedgerTests.AddAll(one, Plan);
        var copy = _folder.File("copy.db");
        File.Copy(path, copy); // as a backup that forgets the log
        Assert.Contains("is missing", Assert.Throws<TrialLedgerException>(() => new SqliteTrialLedger(copy)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AClosedLedgerNeedsNoLog()
    {
        var path = _folder.File("closed # 100%.db");
        for (var run = 0; run < 3; run++)
            using (var ledger = new SqliteTrialLedger(path))
                SqliteTrialLedgerTests.AddAll(ledger, Plan);
        Assert.False(File.Exists($"{path}-wal"));
        var copy = _folder.File("copy.db");
        File.Copy(path, copy);
        using var again = new SqliteTrialLedger(copy);
        Assert.Equal(20, again.Finished(Plan).Count);
    }

    // Files as a kill leaves them: copied while the ledger is open.
    private string Killed(int results, int foldedAfter)
    {
        var (path, copy) = (_folder.File("alive.db"), _folder.File("killed.db"));
        using var ledger = new SqliteTrialLedger(path);
        for (var i = 0; i < results; i++)
        {
            ledger.Add(Plan.Trials[i], TestTrials.Result(Plan.Trials[i]));
            if (i + 1 == foldedAfter)
                ledger.Connection.Script("PRAGMA wal_checkpoint(FULL)");
        }
        File.Copy(path, copy);
        File.Copy($"{path}-wal", $"{copy}-wal");
        return copy;
    }
}
