using System.Collections.Concurrent;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Running;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

/// <summary>Several runs on one ledger at once.</summary>
public abstract class SharedLedgerContract : IDisposable
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    public abstract void Dispose();

    /// <summary>Opens the ledger of the test, once more each time.</summary>
    private protected abstract ITrialLedger Open();

    [Fact]
    public async Task RunsThatShareALedgerRunEachTrialOnceAndAllEndWithAllResults()
    {
        TrialPlan[] plans = [TestTrials.Plan("EU", trials: 40), TestTrials.Plan("FT", trials: 30)];
        var ran = new ConcurrentBag<string>();
        var runs = await Task.WhenAll(Enumerable.Range(1, 3).Select(async workers =>
        {
            using var ledger = Open();
            List<TrialProgress> reports = [];
            var run = await Runner(ledger, workers).RunAsync(plans, (trial, _) =>
            {
                ran.Add(trial.Id);
                Thread.Sleep((int)(trial.Seed % 8));
                return TestTrials.Result(trial);
            }, new ProgressRecorder<TrialProgress>(reports), TestToken);
            Assert.Equal(reports.Select(report => report.Finished).Order(), reports.Select(report => report.Finished));
            Assert.Equal((70, 70), (reports[^1].Finished, reports[^1].Total));
            return run;
        }));
        Assert.Equal(70, ran.Count);
        Assert.Distinct(ran);
        Assert.All(runs, run => Assert.Equal(plans.SelectMany(plan => plan.Trials).Select(trial => trial.Id), run.Results.Select(result => result.TrialId)));
    }

    [Fact]
    public async Task ARunWaitsForTheTrialsOfAnotherAndTakesThemOverWhenTheyAreGivenUp()
    {
        var plan = TestTrials.Plan(trials: 6);
        using var other = Open();
        using var kept = other.Claim(plan.Trials[1]);
        using var givenUp = other.Claim(plan.Trials[2]);
        using var ledger = Open();
        var ran = new ConcurrentBag<string>();
        List<TrialProgress> reports = [];
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = Runner(ledger, workers: 2).RunAsync([plan], (trial, _) =>
        {
            ran.Add(trial.Id);
            return TestTrials.Result(trial);
        }, new Watcher(reports, waits), TestToken);

        await waits.Task.WaitAsync(TestToken);
        Assert.Equal(4, ran.Count);
        other.Add(plan.Trials[1], TestTrials.Result(plan.Trials[1], seconds: 9));
        givenUp!.Dispose();
        var run = await running;
        Assert.Equal(6, run.Results.Count);
        Assert.Equal(9, run.Results[1].Seconds);
        Assert.DoesNotContain(plan.Trials[1].Id, ran);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], reports.Select(report => report.Finished).Distinct());
    }

    [Fact]
    public async Task ARunThatWaitsCanBeCancelled()
    {
        var plan = TestTrials.Plan(trials: 2);
        using var other = Open();
        using var claim = other.Claim(plan.Trials[1]);
        using var ledger = Open();
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var cancellation = new CancellationTokenSource();
        var running = Runner(ledger, workers: 1).RunAsync([plan], (trial, _) => TestTrials.Result(trial), new Watcher([], waits), cancellation.Token);
        await waits.Task.WaitAsync(TestToken);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal([plan.Trials[0].Id], ledger.Finished(plan));
    }

    [Fact]
    public async Task AFailureThatAnotherRunTriesAgainIsWaitedFor()
    {
        var plan = TestTrials.Plan(trials: 2);
        var again = plan.Trials[0];
        using var other = Open();
        using var ledger = Open();
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = Runner(ledger, workers: 1).RunAsync([plan], (trial, _) =>
        {
            if (trial == again)
                throw new InvalidDataException("bad");
            other.DropFailures([again.Id]);
            other.Claim(again);
            return TestTrials.Result(trial);
        }, new Watcher([], waits), TestToken);
        await waits.Task.WaitAsync(TestToken);
        other.Add(again, TestTrials.Result(again));
        var run = await running;
        Assert.Equal(2, run.Results.Count);
        Assert.Empty(run.Failures);
    }

    private static TrialRunner Runner(ITrialLedger ledger, int workers) => new(ledger, new InProcessTrialExecutor(workers), TimeProvider.System);

    private sealed class Watcher(List<TrialProgress> reports, TaskCompletionSource waits) : IProgress<TrialProgress>
    {
        public void Report(TrialProgress value)
        {
            reports.Add(value);
            if (value.Elsewhere > 0)
                waits.TrySetResult();
        }
    }
}
