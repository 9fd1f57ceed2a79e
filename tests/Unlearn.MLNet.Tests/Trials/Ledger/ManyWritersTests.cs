using Unlearn.MLNet.Trials.Ledger;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

/// <summary>64 threads that write into one ledger at once.</summary>
public sealed class ManyWritersTests : IDisposable
{
    private const int Threads = 64;
    private const int Trials = 256;
    private const int WritersOfATrial = 4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_result_is_kept_once(bool hasOwnConnections)
    {
        var plan = TestTrials.Plan(trials: Trials);
        using var ledger = new SqliteTrialLedger(_folder.File("many.db"));
        var added = new int[Trials];
        using var start = new Barrier(Threads);
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            try
            {
                using var own = hasOwnConnections ? new SqliteTrialLedger(_folder.File("many.db")) : null;
                start.SignalAndWait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
                // Four threads offer the same trials, so that three of them find each there.
                for (var trial = thread / WritersOfATrial; trial < Trials; trial += Threads / WritersOfATrial)
                    if ((own ?? ledger).Add(plan.Trials[trial], TestTrials.FullResult(plan.Trials[trial])))
                        Interlocked.Increment(ref added[trial]);
            }
            catch (Exception cause)
            {
                failure = cause;
            }
        }))];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();

        Assert.Null(failure);
        Assert.All(added, times => Assert.Equal(1, times));
        var run = ledger.Read([.. plan.Trials.Select(trial => trial.Id)]);
        Assert.Equal(plan.Trials.SelectMany(trial => TestTrials.Bits(TestTrials.FullResult(trial))), run.Results.SelectMany(TestTrials.Bits));
    }
}
