using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials;

public sealed class TrialFailureTests : IDisposable
{
    private static readonly TrialPlan Plan = TestTrials.Plan(trials: 10);

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteTrialLedger _ledger;
    private readonly ConcurrentBag<string> _ran = [];
    private readonly List<TrialProgress> _reports = [];

    public TrialFailureTests() => _ledger = new SqliteTrialLedger(_folder.File("ledger.db"));

    public void Dispose()
    {
        _ledger.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task ADivergedTrialIsRecordedOnceAndStopsNoOther()
    {
        var (results, failures) = await RunAsync(trial => trial == Plan.Trials[4] ? new TrainingDivergedException("The loss became NaN.\nat step 3") : null);
        Assert.Equal(9, results.Count);
        Assert.Equal([new TrialFailure { TrialId = Plan.Trials[4].Id, Unlearner = "EU", Reason = "TrainingDivergedException: "
            + "The loss became NaN.", IsTransient = false, Attempts = 1 }], failures);
        Assert.Equal(Plan.Trials.Count, _ran.Count);
        Assert.Equal((10, 1, TimeSpan.Zero), (_reports[^1].Finished, _reports[^1].Failed, _reports[^1].Remaining));
    }

    [Fact]
    public async Task AResultThatIsNotFiniteIsAFailure()
    {
        var (results, failures) = await Runner().RunAsync([Plan],
            (trial, _) => trial == Plan.Trials[4] ? TestTrials.Result(trial) with { RetainedAccuracy = double.NaN } : TestTrials.Result(trial), null, default);
        Assert.Equal(9, results.Count);
        Assert.Contains("not a finite number", Assert.Single(failures).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailureThatNeedNotRepeatItselfIsTriedAgain()
    {
        var (results, failures) = await RunAsync(trial => trial == Plan.Trials[4] && _ran.Count(id => id == trial.Id) < 3 ? new IOException("busy") : null);
        Assert.Equal(10, results.Count);
        Assert.Empty(failures);
        Assert.Equal(3, _ran.Count(id => id == Plan.Trials[4].Id));
    }

    [Fact]
    public async Task AfterEnoughTriesItIsRecordedAndTheNextRunTriesAgain()
    {
        var run = await RunAsync(trial => trial == Plan.Trials[4] ? new IOException("busy") : null);
        Assert.Equal(
            [new TrialFailure { TrialId = Plan.Trials[4].Id, Unlearner = "EU", Reason = "IOException: busy", IsTransient = true, Attempts = 3 }], run.Failures);

        _ran.Clear();
        Assert.Empty((await RunAsync(_ => null)).Failures);
        Assert.Equal([Plan.Trials[4].Id], _ran);
    }

    [Fact]
    public async Task OtherFailuresAreTriedAgainOnRequestOnly()
    {
        await RunAsync(trial => trial == Plan.Trials[4] ? new InvalidDataException("bad") : null);
        _ran.Clear();
        _reports.Clear();
        Assert.Single((await RunAsync(_ => null)).Failures);
        Assert.Empty(_ran);
        Assert.Equal([new TrialProgress { Unlearner = null, Finished = 10, Total = 10, Reused = 10, Remaining = TimeSpan.Zero, Failed = 1 }], _reports);

        Assert.Empty((await RunAsync(_ => null, new TrialRunnerOptions { RetryFailed = true })).Failures);
        Assert.Equal([Plan.Trials[4].Id], _ran);
    }

    [Fact]
    public async Task WhenEveryTrialOfAnUnlearnerFailsTheFirstReasonIsTold()
    {
        var other = TestTrials.Plan("FT", trials: 4);
        var failure = await Assert.ThrowsAsync<TrialFailedException>(() => Runner().RunAsync(
            [Plan, other],
            (trial, _) => trial.Unlearner == "FT" ? throw new InvalidDataException($"bad {trial.Half} {trial.Index}") : TestTrials.Result(trial),
            null,
            default));
        Assert.Contains("All 4 trials of FT failed. The first reason: InvalidDataException: bad 0 0", failure.Message, StringComparison.Ordinal);
        Assert.Equal(4, failure.Failures.Count);
        Assert.Equal(Plan.Trials.Count, _ledger.Finished(Plan).Count);
    }

    [Fact]
    public async Task CancellationIsNoFailureAndInterruptsTheWaitForANewTry()
    {
        using var cancellation = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Runner(new TrialRunnerOptions { RetryDelay = TimeSpan.FromMinutes(1) }).RunAsync(
            [Plan], (_, _) => throw new IOException("busy"), null, cancellation.Token));
        Assert.All(_ledger.States([.. Plan.Trials.Select(trial => trial.Id)]), state => Assert.Equal(TrialState.Pending, state));
    }

    [Fact]
    public async Task WhatAnObserverOfTheProgressThrowsIsNotBlamedOnTheTrial()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => Runner().RunAsync([Plan], (trial, _) => TestTrials.Result(trial), new Thrower(), default));
        Assert.Empty(_ledger.Read([.. Plan.Trials.Select(trial => trial.Id)]).Failures);
    }

    [Fact]
    public void FailuresThatCanPassAreToldFromThoseThatCannot()
    {
        Assert.All<Exception>(
            [new IOException(), new TimeoutException(), new InsufficientMemoryException(), new SqliteException("locked", SQLitePCL.raw.SQLITE_BUSY),
                Native("DefaultCPUAllocator: can't allocate memory"),
                new InvalidOperationException("outer", new IOException()), new AggregateException(new IOException()),
                ],
            cause => Assert.True(TrialFailure.Of(Plan.Trials[0], cause, 1).IsTransient, cause.Message));
        Assert.All<Exception>(
            [new TrainingDivergedException(), new ArgumentException("rows"), new SqliteException("syntax", SQLitePCL.raw.SQLITE_ERROR), Native("shape"),
                new AggregateException(new IOException(), new ArgumentException("rows"))],
            cause => Assert.False(TrialFailure.Of(Plan.Trials[0], cause, 1).IsTransient, cause.Message));
    }

#pragma warning disable CA2201 // As TorchSharp throws it.
    private static ExternalException Native(string message) => new(message);
#pragma warning restore CA2201

    private TrialRunner Runner(TrialRunnerOptions? options = null) =>
        new(_ledger, new InProcessTrialExecutor(2), TimeProvider.System, options ?? new TrialRunnerOptions { RetryDelay = TimeSpan.Zero });

    private Task<TrialRun> RunAsync(Func<TrialSpec, Exception?> failure, TrialRunnerOptions? options = null) => Runner(options).RunAsync([Plan], (trial, _) =>
    {
        _ran.Add(trial.Id);
        return failure(trial) is { } exception ? throw exception : TestTrials.Result(trial);
    }, new ProgressRecorder<TrialProgress>(_reports), TestContext.Current.CancellationToken);

    private sealed class Thrower : IProgress<TrialProgress>
    {
        public void Report(TrialProgress value)
        {
            if (value.Unlearner is not null)
                throw new InvalidDataException("no terminal");
        }
    }
}
