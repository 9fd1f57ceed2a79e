using Unlearn.Distributed.TestWorker;
using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>What tests of disturbed runs wait for, and what must be true afterwards.</summary>
internal static class ChaosSteps
{
    // The diary is the workers'.
    public static Task<TrialRun> HereAsync(ClusterCase chaos)
    {
        Sleeping.Diary = null;
        return chaos.RunHereAsync(workers: 8);
    }

    public static int Ended(ClusterCase chaos) => chaos.Notes().Count(note => note.What == "end");

    public static async Task UntilAsync(Func<bool> condition, Task<TrialRun> running)
    {
        while (!condition() && !running.IsCompleted)
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    public static async Task AssertNothingIsHeldAsync(ClusterCase chaos)
    {
        using var ledger = (Database.PostgresTrialLedger)chaos.Cluster.OpenLedger("", TestContext.Current.CancellationToken);
        var start = TimeProvider.System.GetTimestamp();
        while (ledger.Connection.Number("SELECT (SELECT count(*) FROM unlearn.lease) + (SELECT count(*) FROM unlearn_jobs.lock)") > 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(1), "A lease or a lock is held longer than a minute.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Every trial has its result once, the same as in one process, and nothing is held.</summary>
    public static async Task AssertUndisturbedAsync(ClusterCase chaos, TrialRun run)
    {
        Assert.Empty(run.Failures);
        Assert.Equal(chaos.Total, run.Results.Count);
        Assert.Equal(ClusterCase.Bits(await HereAsync(chaos)), ClusterCase.Bits(run));
        await AssertNothingIsHeldAsync(chaos);
    }
}
