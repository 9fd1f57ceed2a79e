using System.Globalization;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Unlearn.MLNet.Trials.Running;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

/// <summary>SQLite's limit of pages stands in for the end of the disk: it fails in the same way.</summary>
public sealed class FullDiskTests : IDisposable
{
    private static readonly TrialPlan Plan = TestTrials.Plan(rows: 200, trials: 60);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AFullDiskStopsTheRunAndKeepsFinishedTrials()
    {
        var path = _folder.File("ledger.db");
        IReadOnlySet<string> kept;
        using (var ledger = new SqliteTrialLedger(path))
        {
            LimitPages(ledger, 20);
            var failure = await Assert.ThrowsAsync<TrialLedgerException>(() => RunAsync(ledger));
            Assert.Contains("is full", failure.Message, StringComparison.Ordinal);
            kept = ledger.Finished(Plan);
            Assert.InRange(kept.Count, 1, Plan.Trials.Count - 1);
            Assert.DoesNotContain(TrialState.Running, ledger.States([.. Plan.Trials.Select(trial => trial.Id)]));
            Assert.DoesNotContain(TrialState.Failed, ledger.States([.. Plan.Trials.Select(trial => trial.Id)]));

            // Space was made while the program went on.
            LimitPages(ledger, 25);
            await Assert.ThrowsAsync<TrialLedgerException>(() => RunAsync(ledger));
            Assert.ProperSuperset(kept.ToHashSet(), ledger.Finished(Plan).ToHashSet());
        }
        using (var ledger = new SqliteTrialLedger(path))
            Assert.Equal(Plan.Trials.Count, (await RunAsync(ledger)).Results.Count);
        SqliteTrialLedgerTests.AssertHoldsExactly(path, Plan);
    }

    private static Task<TrialRun> RunAsync(SqliteTrialLedger ledger) => new TrialRunner(ledger, new InProcessTrialExecutor(2), TimeProvider.System)
        .RunAsync([Plan], (trial, _) => TestTrials.Result(trial), null, TestContext.Current.CancellationToken);

    private static void LimitPages(SqliteTrialLedger ledger, int pages) =>
        ledger.Connection.Script(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {pages}"));
}
