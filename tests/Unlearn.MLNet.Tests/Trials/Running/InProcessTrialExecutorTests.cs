using System.Collections.Concurrent;
using System.Diagnostics;
using TorchSharp;
using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Running;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Running;

[Collection(nameof(TorchThreads))]
public sealed class InProcessTrialExecutorTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ResultsAreTheSameForAnyNumberOfWorkers()
    {
        var plan = TestTrials.Plan(trials: 24);
        var byOne = await RunAll(new InProcessTrialExecutor(1));
        var byFour = await RunAll(new InProcessTrialExecutor(4));
        foreach (var trial in plan.Trials)
            TestTrials.AssertSame(byOne[trial.Id], byFour[trial.Id]);

        async Task<ConcurrentDictionary<string, TrialResult>> RunAll(InProcessTrialExecutor executor)
        {
            var results = new ConcurrentDictionary<string, TrialResult>();
            await executor.RunAsync(plan.Trials, (trial, _) => Assert.True(results.TryAdd(trial.Id, RunWithTorch(trial))), TestToken);
            Assert.Equal(plan.Trials.Count, results.Count);
            return results;
        }
    }

    [Fact]
    public async Task EveryTrialRunsOnADedicatedThreadWithOneTorchThread()
    {
        var threads = new ConcurrentDictionary<Thread, int>();
        var torchThreads = torch.get_num_threads();
        using var both = new CountdownEvent(2);
        await new InProcessTrialExecutor(2).RunAsync(TestTrials.Plan().Trials, (_, _) =>
        {
            Assert.False(Thread.CurrentThread.IsThreadPoolThread);
            if (threads.TryAdd(Thread.CurrentThread, torch.get_num_threads()))
                both.Signal();
            both.Wait(TestToken); // else one may have done all before the other begins
        }, TestToken);
        Assert.Equal(2, threads.Count);
        Assert.All(threads.Values, count => Assert.Equal(1, count));

        var afterwards = 0;
        var later = new Thread(() => afterwards = torch.get_num_threads());
        later.Start();
        later.Join();
        Assert.Equal(torchThreads, afterwards);
    }

    [Fact]
    public async Task TensorsOfATrialAreDisposedWithIt()
    {
        var tensors = new ConcurrentBag<torch.Tensor>();
        await new InProcessTrialExecutor(2).RunAsync(TestTrials.Plan().Trials, (_, _) => tensors.Add(torch.ones(3)), TestToken);
        Assert.All(tensors, tensor => Assert.True(tensor.IsInvalid));
    }

    [Fact]
    public async Task WhatTheFunctionThrowsStopsNewTrialsAndLetsRunningOnesFinish()
    {
        var plan = TestTrials.Plan(trials: 40);
        var finished = new ConcurrentBag<string>();
        Thread? failing = null;
        using var failed = new ManualResetEventSlim();
        using var otherStarted = new ManualResetEventSlim();
        await Assert.ThrowsAsync<TrialLedgerException>(() => new InProcessTrialExecutor(2).RunAsync(plan.Trials, (trial, token) =>
        {
            if (trial == plan.Trials[0])
            {
                otherStarted.Wait(token);
                failing = Thread.CurrentThread;
                failed.Set();
                throw new TrialLedgerException("full");
            }
            otherStarted.Set();
            failed.Wait(token);
            failing!.Join(); // the failure is known when its thread has ended
            finished.Add(trial.Id);
        }, TestToken));
        Assert.Equal([plan.Trials[1].Id], finished);
    }

    [Fact]
    public async Task CancellationStopsAndKeepsWhatHadFinished()
    {
        var plan = TestTrials.Plan(trials: 20);
        var finished = new ConcurrentBag<string>();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var clock = new Stopwatch();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new InProcessTrialExecutor(2).RunAsync(plan.Trials, (trial, token) =>
        {
            if (trial.Index >= 3)
            {
                clock.Start();
                cancellation.CancelAfter(50);
                token.WaitHandle.WaitOne(TimeSpan.FromMinutes(1));
                token.ThrowIfCancellationRequested();
            }
            finished.Add(trial.Id);
        }, cancellation.Token));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"It took {clock.Elapsed}.");
        Assert.Equal(
            plan.Trials.Where(trial => trial.Index < 3).Select(trial => trial.Id).Order(StringComparer.Ordinal), finished.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ACancelledTokenRunsNothing() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new InProcessTrialExecutor(1).RunAsync(
            TestTrials.Plan().Trials, (_, _) => throw new InvalidOperationException("ran"), new CancellationToken(canceled: true)));

    [Fact]
    public async Task CancellationAfterTheLastTrialChangesNothing()
    {
        using var cancellation = new CancellationTokenSource();
        var trials = TestTrials.Plan(trials: 2).Trials;
        var finished = 0;
        await new InProcessTrialExecutor(1).RunAsync(trials, (_, _) =>
        {
            if (++finished == trials.Count)
                cancellation.Cancel();
        }, cancellation.Token);
        Assert.Equal(2, finished);
    }

    [Fact]
    public async Task NoTrialsAreNoWork() =>
        await new InProcessTrialExecutor().RunAsync<TrialSpec>([], (_, _) => throw new InvalidOperationException("ran"), TestToken);

    [Fact]
    public void AnExecutorWithoutWorkersIsRefused() => Assert.Throws<ArgumentOutOfRangeException>("workers", () => new InProcessTrialExecutor(0));

    private static TrialResult RunWithTorch(TrialSpec trial)
    {
        using var generator = new torch.Generator((ulong)trial.Seed);
        var product = torch.randn([500, 300], generator: generator).matmul(torch.randn([300, 100], generator: generator));
        var confidences = torch.softmax(product, 1).sum([0L]).to(torch.float64).data<double>().ToArray();
        return new TrialResult
        {
            TrialId = trial.Id,
            Outcomes = [.. trial.ForgetIds
                .Select((id, i) => new RowOutcome { RowId = id, ConfidenceBefore = confidences[2 * i], ConfidenceAfter = confidences[2 * i + 1] })],
            RetainedAccuracy = product.to(torch.float64).std().ToDouble(),
            TestAccuracy = null,
            Seconds = 1,
        };
    }
}
