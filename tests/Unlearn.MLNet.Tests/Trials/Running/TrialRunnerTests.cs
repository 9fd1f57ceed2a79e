using System.Collections.Concurrent;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Unlearn.MLNet.Trials.Running;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Running;

public sealed class TrialRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteTrialLedger _ledger;
    private readonly ManualTime _time = new();
    private readonly List<TrialProgress> _reports = [];

    public TrialRunnerTests() => _ledger = new SqliteTrialLedger(_folder.File("ledger.db"));

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _ledger.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task ResultsComeInTheOrderOfThePlans()
    {
        TrialPlan[] plans = [TestTrials.Plan("FT", trials: 6), TestTrials.Plan("EU", trials: 9)];
        var (results, _) = await Runner(workers: 4).RunAsync(plans, (trial, _) => TestTrials.Result(trial), null, TestToken);
        var trials = plans.SelectMany(plan => plan.Trials).ToArray();
        Assert.Equal(trials.Length, results.Count);
        foreach (var (trial, result) in trials.Zip(results))
            TestTrials.AssertSame(TestTrials.Result(trial), result);
    }

    [Fact]
    public async Task ACancelledRunGoesOnWithTheMissingTrialsOnly()
    {
        var plan = TestTrials.Plan(trials: 30);
        var ran = new ConcurrentBag<string>();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Runner(workers: 2).RunAsync([plan], (trial, token) =>
        {
            if (ran.Count >= 15)
                cancellation.Cancel();
            token.ThrowIfCancellationRequested();
            ran.Add(trial.Id);
            return TestTrials.Result(trial);
        }, null, cancellation.Token));
        Assert.InRange(ran.Count, 15, 16);
        Assert.Equal(ran.Count, _ledger.Finished(plan).Count);

        var finishedBefore = ran.Count;
        var (results, _) = await Runner(workers: 2).RunAsync([plan], Count, Reports, TestToken);
        Assert.Equal(plan.Trials.Count, results.Count);
        Assert.Equal(plan.Trials.Count, ran.Count);
        Assert.Distinct(ran);
        Assert.Equal(new TrialProgress { Unlearner = null, Finished = finishedBefore, Total = 30, Reused = finishedBefore, Remaining = null }, _reports[0]);

        _reports.Clear();
        await Runner(workers: 2).RunAsync([plan], Count, Reports, TestToken);
        Assert.Equal(plan.Trials.Count, ran.Count);
        Assert.Equal([new TrialProgress { Unlearner = null, Finished = 30, Total = 30, Reused = 30, Remaining = TimeSpan.Zero }], _reports);

        TrialResult Count(TrialSpec trial, CancellationToken token)
        {
            ran.Add(trial.Id);
            return TestTrials.Result(trial);
        }
    }

    [Fact]
    public async Task ProgressIsMonotoneWithSeveralWorkers()
    {
        var plan = TestTrials.Plan(trials: 60);
        await Runner(workers: 4).RunAsync([plan], (trial, _) => TestTrials.Result(trial), Reports, TestToken);
        Assert.Equal(Enumerable.Range(0, 61), _reports.Select(report => report.Finished));
        Assert.All(_reports, report => Assert.Equal((60, 0), (report.Total, report.Reused)));
        Assert.Equal(["EU"], _reports.Skip(1).Select(report => report.Unlearner).Distinct());
        Assert.Null(_reports[0].Remaining);
        Assert.Equal(TimeSpan.Zero, _reports[^1].Remaining);
    }

    [Fact]
    public async Task TheEstimateKnowsWhatEachUnlearnerCosts()
    {
        // Trials take turns: EU (10 s), FT (2 s), EU, FT, then four more of EU alone.
        TrialPlan[] plans = [TestTrials.Plan("EU", trials: 6), TestTrials.Plan("FT", trials: 2)];
        await Runner(workers: 1).RunAsync(plans, (trial, _) =>
        {
            var seconds = trial.Unlearner == "EU" ? 10 : 2;
            _time.Advance(TimeSpan.FromSeconds(seconds));
            return TestTrials.Result(trial, seconds);
        }, Reports, TestToken);
        Assert.Equal([null, 70, 52, 42, 40, 30, 20, 10, 0],
            _reports.Select(report => report.Remaining?.TotalSeconds).Select(seconds => seconds is { } known ? Math.Round(known, 6) : (double?)null));
    }

    [Fact]
    public async Task TheEstimateHoldsTheRateOfAllWorkers()
    {
        // Two workers: the clock moves half as fast as the trials' own seconds.
        await Runner(workers: 1).RunAsync([TestTrials.Plan(trials: 10)], (trial, _) =>
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            return TestTrials.Result(trial, seconds: 10);
        }, Reports, TestToken);
        Assert.Equal(45, _reports[1].Remaining!.Value.TotalSeconds, precision: 6);
    }

    [Fact]
    public async Task ATrialInTwoPlansRunsOnce()
    {
        var plan = TestTrials.Plan(trials: 4);
        var runs = 0;
        var (results, _) = await Runner(workers: 1).RunAsync([plan, plan], (trial, _) =>
        {
            runs++;
            return TestTrials.Result(trial);
        }, null, TestToken);
        Assert.Equal((4, 8), (runs, results.Count));
    }

    [Fact]
    public async Task WhatAnotherRunKeptFirstIsWhatComesBack()
    {
        var plan = TestTrials.Plan(trials: 2);
        var (results, _) = await Runner(workers: 1).RunAsync([plan], (trial, _) =>
        {
            _ledger.Add(trial, TestTrials.Result(trial, seconds: 7));
            return TestTrials.Result(trial, seconds: 8);
        }, null, TestToken);
        Assert.All(results, result => Assert.Equal(7, result.Seconds));
    }

    private IProgress<TrialProgress> Reports => new ProgressRecorder<TrialProgress>(_reports);

    private TrialRunner Runner(int workers) => new(_ledger, new InProcessTrialExecutor(workers), _time);
}
