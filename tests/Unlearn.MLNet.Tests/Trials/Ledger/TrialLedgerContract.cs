using CsCheck;
using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

/// <summary>What every ledger does with results, wherever it keeps them.</summary>
public abstract class TrialLedgerContract : IDisposable
{
    private static readonly Gen<double> AnyFiniteDouble =
        Gen.Double.Where(number => double.IsFinite(number) && BitConverter.DoubleToInt64Bits(number) != long.MinValue);

    public abstract void Dispose();

    /// <summary>Opens the ledger of the test, once more each time.</summary>
    private protected abstract ITrialLedger Open();

    [Fact]
    public void ResultsComeBackBitForBitAfterReopening()
    {
        var plan = TestTrials.Plan();
        using (var ledger = Open())
            foreach (var trial in plan.Trials)
                Assert.True(ledger.Add(trial, TestTrials.Result(trial)));

        using var reopened = Open();
        foreach (var trial in plan.Trials)
            TestTrials.AssertSame(TestTrials.Result(trial), reopened.Read(trial));
        Assert.Equal(plan.Trials.Count, reopened.Finished(plan).Count);
    }

    [Fact]
    public void EverythingThatATrialMeasuresComesBackBitForBit()
    {
        var plan = TestTrials.Plan();
        using (var ledger = Open())
            foreach (var trial in plan.Trials)
                Assert.True(ledger.Add(trial, TestTrials.FullResult(trial)));

        using var reopened = Open();
        foreach (var trial in plan.Trials)
            TestTrials.AssertSame(TestTrials.FullResult(trial), reopened.Read(trial));
    }

    [Fact]
    public void TheIdsOfRowsComeBackWhateverTheyAreAndAreInMemoryOnce()
    {
        string[] ids = ["", "ß→𝄞", new('x', 255), new('é', 128), new('é', 129), new('y', 5000)];
        var plan = TrialPlanner.Plan("EU", TestTrials.Context("ids"), ids, 6, 0.5, 1);
        using var ledger = Open();
        foreach (var trial in plan.Trials)
            ledger.Add(trial, TestTrials.Result(trial));

        var read = plan.Trials.SelectMany(trial => ledger.Read(trial)!.Outcomes.Zip(trial.ForgetIds)).ToList();
        Assert.All(read, outcome => Assert.Equal(outcome.Second, outcome.First.RowId));
        foreach (var ofId in read.Select(outcome => outcome.First.RowId).Where(id => id.Length <= 128).GroupBy(id => id))
            Assert.Single(ofId.Distinct(ReferenceEqualityComparer.Instance));
    }

    [Fact]
    public void WhatIsDoneTogetherIsKeptTogetherOrNotAtAll()
    {
        using var ledger = Open();
        var trials = TestTrials.Plan().Trials;
        string[] ids = [.. trials.Select(trial => trial.Id)];
        ledger.Together(() => Assert.All(trials.Take(3), trial => Assert.NotNull(ledger.Claim(trial))));
        using var claim = ledger.Claim(trials[3]);
        Assert.Throws<InvalidOperationException>(() => ledger.Together(() =>
        {
            foreach (var trial in trials.Take(4))
                ledger.Add(trial, TestTrials.Result(trial));
            throw new InvalidOperationException();
        }));
        Assert.Equal([TrialState.Running, TrialState.Running, TrialState.Running, TrialState.Running, TrialState.Pending], ledger.States(ids).Take(5));
        claim!.Dispose();
        Assert.Equal(TrialState.Pending, ledger.States(ids)[3]);
        ledger.Together(() => Assert.All(trials.Take(4), trial => Assert.True(ledger.Add(trial, TestTrials.Result(trial)))));
        Assert.Equal(4, ledger.Read(ids).Results.Count);
    }

    [Fact]
    public void EveryFiniteDoubleAndEveryTextComesBackExactly()
    {
        using var ledger = Open();
        var seed = 0L;
        Gen.Select(AnyFiniteDouble, AnyFiniteDouble, AnyFiniteDouble, Gen.String[Gen.Char['\u0001', '\uD7FF'], 0, 10]).Sample(
            (before, after, accuracy, id) =>
            {
                var spec = new TrialSpec("EU", "c", 0, 0, [id], Interlocked.Increment(ref seed));
                var result = new TrialResult
                {
                    TrialId = spec.Id,
                    Outcomes = [new RowOutcome { RowId = id, ConfidenceBefore = before, ConfidenceAfter = after }],
                    RetainedAccuracy = accuracy,
                    TestAccuracy = after,
                    Seconds = before,
                };
                Assert.True(ledger.Add(spec, result));
                TestTrials.AssertSame(result, ledger.Read(spec));
            },
            iter: 300);
    }

    [Theory]
    [InlineData(0.1 + 0.2)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MaxValue)]
    [InlineData(1.0)]
    [InlineData(0.99999999999999989)]
    public void CornerDoublesComeBackExactly(double value)
    {
        using var ledger = Open();
        var spec = TestTrials.Plan().Trials[0];
        var result = TestTrials.Result(spec) with { RetainedAccuracy = value, Seconds = value };
        ledger.Add(spec, result);
        TestTrials.AssertSame(result, ledger.Read(spec));
    }

    [Fact]
    public void MinusZeroComesBackAsZero()
    {
        using var ledger = Open();
        var spec = TestTrials.Plan().Trials[0];
        ledger.Add(spec, TestTrials.Result(spec) with { RetainedAccuracy = -0.0 });
        Assert.Equal(0L, BitConverter.DoubleToInt64Bits(ledger.Read(spec).RetainedAccuracy));
    }

    [Fact]
    public void TheFirstResultStays()
    {
        using var ledger = Open();
        var spec = TestTrials.Plan().Trials[0];
        var first = TestTrials.Result(spec, seconds: 1);
        Assert.True(ledger.Add(spec, first));
        Assert.False(ledger.Add(spec, TestTrials.Result(spec, seconds: 2)));
        TestTrials.AssertSame(first, ledger.Read(spec));
    }

    [Fact]
    public void UnknownTrialsArePendingAndHaveNoOutcome()
    {
        using var ledger = Open();
        Assert.Equal([TrialState.Pending], ledger.States(["nobody"]));
        Assert.Empty(ledger.Read(["nobody"]).Results);
        Assert.Empty(ledger.Read(["nobody"]).Failures);
    }

    [Fact]
    public void ResultsOfAnotherTrialOrWithoutFiniteNumbersAreRefused()
    {
        using var ledger = Open();
        var plan = TestTrials.Plan();
        var spec = plan.Trials[0];
        var result = TestTrials.Result(spec);
        TrialResult[] wrong =
        [
            TestTrials.Result(plan.Trials[1]),
            result with { Outcomes = [.. result.Outcomes.Skip(1)] },
            result with { Outcomes = [.. result.Outcomes.Reverse()] },
            result with { Outcomes = [.. result.Outcomes.Select(outcome => outcome with { ConfidenceAfter = double.NaN })] },
            result with { RetainedAccuracy = double.NaN },
            result with { TestAccuracy = double.PositiveInfinity },
        ];
        Assert.All(wrong, one => Assert.Throws<ArgumentException>(() => ledger.Add(spec, one)));
        Assert.Equal([TrialState.Pending], ledger.States([spec.Id]));
    }

    [Fact]
    public void AClosedLedgerSaysSo()
    {
        var ledger = Open();
        ledger.Dispose();
        ledger.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ledger.States([]));
    }

    [Fact]
    public async Task ThreadsAndConnectionsThatAddTheSameTrialsStoreEachOnce()
    {
        var plan = TestTrials.Plan(trials: 100);
        using var ready = new Barrier(4);
        var shared = new Lazy<ITrialLedger>(() => Open());
        var added = await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Factory.StartNew(() =>
        {
            ready.SignalAndWait(TestContext.Current.CancellationToken);
            if (writer < 2)
                return AddAll(shared.Value, plan);
            using var own = Open();
            return AddAll(own, plan);
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        shared.Value.Dispose();

        Assert.Equal(plan.Trials.Count, added.Sum());
        AssertHoldsExactly(plan);
    }

    [Fact]
    public void ALaterResultReplacesAFailureAndAFailureNeverAResult()
    {
        using var ledger = Open();
        var trial = TestTrials.Plan().Trials[0];
        Assert.True(ledger.Add(trial, TestTrials.Failure(trial)));
        Assert.False(ledger.Add(trial, TestTrials.Failure(trial) with { Reason = "another" }));
        Assert.Equal([TestTrials.Failure(trial)], ledger.Read([trial.Id]).Failures);
        Assert.True(ledger.Add(trial, TestTrials.Result(trial)));
        Assert.False(ledger.Add(trial, TestTrials.Failure(trial)));
        Assert.Empty(ledger.Read([trial.Id]).Failures);
        TestTrials.AssertSame(TestTrials.Result(trial), ledger.Read(trial));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AFailureComesBackAsItWas(bool isTransient)
    {
        var trial = TestTrials.Plan().Trials[0];
        using (var ledger = Open())
            ledger.Add(trial, TestTrials.Failure(trial, isTransient));
        using var reopened = Open();
        Assert.Equal([TestTrials.Failure(trial, isTransient)], reopened.Read([trial.Id]).Failures);
    }

    [Fact]
    public void TheFirstMeasurementOfACalibrationStays()
    {
        using var ledger = Open();
        Assert.Null(ledger.FindMeasurement("id"));
        Assert.Equal("first", ledger.KeepMeasurement("id", "FT", "first"));
        Assert.Equal("first", ledger.KeepMeasurement("id", "FT", "second"));
        Assert.Equal("first", ledger.FindMeasurement("id"));
    }

    internal static int AddAll(ITrialLedger ledger, TrialPlan plan) => plan.Trials.Count(trial => ledger.Add(trial, TestTrials.Result(trial)));

    private void AssertHoldsExactly(TrialPlan plan)
    {
        using var ledger = Open();
        foreach (var trial in plan.Trials)
            TestTrials.AssertSame(TestTrials.Result(trial), ledger.Read(trial));
    }
}
