using Unlearn.MLNet.Trials.Ledger;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

public sealed class TrialLedgerProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TwoProcessesThatAddTheSameTrialsStoreEachOnce()
    {
        var path = _folder.File("ledger.db");
        using var other = LedgerWriterProcess.Start(path);
        var firstLine = await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        var otherLines = other.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        int added;
        using (var ledger = new SqliteTrialLedger(path))
            added = SqliteTrialLedgerTests.AddAll(ledger, LedgerWriterProcess.Plan);
        var lines = $"{firstLine}\n{await otherLines}";
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, other.ExitCode);
        Assert.Equal(LedgerWriterProcess.Plan.Trials.Count, added + lines.Split('\n').Count(line => line.EndsWith("added", StringComparison.Ordinal)));
        SqliteTrialLedgerTests.AssertHoldsExactly(path, LedgerWriterProcess.Plan);
    }

    [Fact]
    public async Task WhatAKilledProcessAddedIsKept()
    {
        var path = _folder.File("ledger.db");
        using var other = LedgerWriterProcess.Start(path);
        var told = new List<string>();
        for (var line = 0; line < 40; line++)
            told.Add((await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!.Split(' ')[0]);
        other.Kill();
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);

        using (var ledger = new SqliteTrialLedger(path))
        {
            Assert.Equal(told.Count, ledger.Read(told).Results.Count);
            Assert.InRange(ledger.Finished(LedgerWriterProcess.Plan).Count, told.Count, LedgerWriterProcess.Plan.Trials.Count - 1);
            SqliteTrialLedgerTests.AddAll(ledger, LedgerWriterProcess.Plan);
        }
        SqliteTrialLedgerTests.AssertHoldsExactly(path, LedgerWriterProcess.Plan);
    }
}
