using System.Collections.Concurrent;
using System.Diagnostics;
using TorchSharp;
using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials;

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
            await executor.RunAsync(plan.Trials, RunWithTorch, (trial, result) => Assert.True(results.TryAdd(trial.Id, result)), TestToken);
            Assert.Equal(plan.Trials.Count, results.Count);
            return results;
        }
    }

    [Fact]
    public async Task EveryTrialRunsOnADedicatedThreadWithOneTorchThread()
    {
        var threads = new ConcurrentDictionary<Thread, int>();
        var torchThreads = torch.get_num_threads();
        await new InProcessTrialExecutor(2).RunAsync(TestTrials.Plan().Trials, (trial, _) =>
        {
            Assert.False(Thread.CurrentThread.IsThreadPoolThread);
            threads[Thread.CurrentThread] = torch.get_num_threads();
            Thread.Sleep(5);
            return TestTrials.Result(trial);
        }, (_, _) => { }, TestToken);
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
        await new InProcessTrialExecutor(2).RunAsync(TestTrials.Plan().Trials, (trial, _) =>
        {
            tensors.Add(torch.ones(3));
            return TestTrials.Result(trial);
        }, (_, _) => { }, TestToken);
        Assert.All(tensors, tensor => Assert.True(tensor.IsInvalid));
    }

    [Fact]
    public async Task AFailureStopsNewTrialsLetsRunningOnesFinishAndNamesTheTrial()
    {
        var plan = TestTrials.Plan(trials: 40);
        var finished = new ConcurrentBag<string>();
        using var failed = new ManualResetEventSlim();
        using var otherStarted = new ManualResetEventSlim();
        var failure = await Assert.ThrowsAsync<TrialFailedException>(() => new InProcessTrialExecutor(2).RunAsync(plan.Trials, (trial, token) =>
        {
            if (trial == plan.Trials[0])
            {
                otherStarted.Wait(token);
                failed.Set();
                throw new InvalidDataException("no such batch");
            }
            otherStarted.Set();
            failed.Wait(token);
            Thread.Sleep(100);
            return TestTrials.Result(trial);
        }, (trial, _) => finished.Add(trial.Id), TestToken));

        Assert.Equal(plan.Trials[0].Id, failure.TrialId);
        Assert.Contains($"EU trial 0 of half 0 ({plan.Trials[0].Id}) failed", failure.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidDataException>(failure.InnerException);
        Assert.Equal([plan.Trials[1].Id], finished);
    }

    [Fact]
    public async Task AFailureToKeepAResultIsNotBlamedOnTheTrial() =>
        await Assert.ThrowsAsync<TrialLedgerException>(() => new InProcessTrialExecutor(2).RunAsync(
            TestTrials.Plan().Trials, (trial, _) => TestTrials.Result(trial), (_, _) => throw new TrialLedgerException("full"), TestToken));

    [Fact]
    public async Task CancellationStopsQuicklyAndKeepsWhatHadFinished()
    {
        var plan = TestTrials.Plan(trials: 20);
        var finished = new ConcurrentBag<string>();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var clock = new Stopwatch();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new InProcessTrialExecutor(2).RunAsync(plan.Trials, (trial, token) =>
        {
            if (trial.Index < 3)
                return TestTrials.Result(trial);
            clock.Start();
            cancellation.CancelAfter(50);
            token.WaitHandle.WaitOne(TimeSpan.FromMinutes(1));
            token.ThrowIfCancellationRequested();
            return TestTrials.Result(trial);
        }, (trial, _) => finished.Add(trial.Id), cancellation.Token));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"It took {clock.Elapsed}.");
        Assert.Equal(plan.Trials.Where(trial => trial.Index < 3).Select(trial => trial.Id).Order(StringComparer.Ordinal), finished.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ACancelledTokenRunsNothing() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new InProcessTrialExecutor(1).RunAsync(
            TestTrials.Plan().Trials, (_, _) => throw new InvalidOperationException("ran"), (_, _) => { }, new CancellationToken(canceled: true)));

    [Fact]
    public async Task CancellationAfterTheLastTrialChangesNothing()
    {
        using var cancellation = new CancellationTokenSource();
        var trials = TestTrials.Plan(trials: 2).Trials;
        var finished = 0;
        await new InProcessTrialExecutor(1).RunAsync(trials, (trial, _) => TestTrials.Result(trial), (_, _) =>
        {
            if (++finished == trials.Count)
                cancellation.Cancel();
        }, cancellation.Token);
        Assert.Equal(2, finished);
    }

    [Fact]
    public async Task NoTrialsAreNoWork() =>
        await new InProcessTrialExecutor().RunAsync([], (trial, _) => TestTrials.Result(trial), (_, _) => { }, TestToken);

    [Fact]
    public void AnExecutorWithoutWorkersIsRefused() => Assert.Throws<ArgumentOutOfRangeException>("workers", () => new InProcessTrialExecutor(0));

    private static TrialResult RunWithTorch(TrialSpec trial, CancellationToken cancellationToken)
    {
        using var generator = new torch.Generator((ulong)trial.Seed);
        var product = torch.randn([500, 300], generator: generator).matmul(torch.randn([300, 100], generator: generator));
        var confidences = torch.softmax(product, 1).sum([0L]).to(torch.float64).data<double>().ToArray();
        return new TrialResult(trial.Id, [.. trial.ForgetIds.Select((id, i) => new RowOutcome(id, confidences[2 * i], confidences[2 * i + 1]))], product.to(torch.float64).std().ToDouble(), null, 1);
    }
}
