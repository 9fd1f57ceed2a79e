using System.Globalization;
using CsCheck;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Planning;

public sealed class TrialPlannerTests
{
    private sealed record Arguments(int Rows, int Trials, int GroupSize, long Seed)
    {
        public double ForgetShare => (double)GroupSize / Rows;

        public TrialPlan Plan() => TestTrials.Plan("EU", Rows, Trials, ForgetShare, Seed);
    }

    private static readonly Gen<Arguments> AnyArguments =
        from rows in Gen.Int[2, 60]
        from trials in Gen.Int[2, 30]
        from groupSize in Gen.Int[1, rows - 1]
        from seed in Gen.Long
        select new Arguments(rows, trials, groupSize, seed);

    [Fact]
    public void GroupsHaveTheRightSizeAndHoldNoRowTwiceInTheOrderOfTheRows() => AnyArguments.Sample(arguments =>
        arguments.Plan().Trials.All(trial =>
            trial.ForgetIds.Count == arguments.GroupSize
            && Positions(trial).Zip(Positions(trial).Skip(1)).All(pair => pair.First < pair.Second)));

    [Fact]
    public void CoverageWithinAHalfDiffersByAtMostOneAndItsMinimumIsTold() => AnyArguments.Sample(arguments =>
    {
        var plan = arguments.Plan();
        for (var half = 0; half < 2; half++)
        {
            var coverage = new int[arguments.Rows];
            foreach (var position in plan.Trials.Where(trial => trial.Half == half).SelectMany(Positions))
                coverage[position]++;
            Assert.InRange(coverage.Max() - coverage.Min(), 0, 1);
            Assert.Equal(coverage.Min(), plan.MinimumCoverage[half]);
        }
    });

    [Fact]
    public void TrialsAreSplitEvenlyAndTheHalvesTakeTurns() => AnyArguments.Sample(arguments =>
    {
        var trials = arguments.Plan().Trials;
        Assert.Equal(arguments.Trials, trials.Count);
        Assert.Equal(Enumerable.Range(0, trials.Count).Select(i => (i % 2, i / 2)), trials.Select(trial => (trial.Half, trial.Index)));
    });

    [Fact]
    public void TrialsShareNeitherSeedNorIdAcrossHalvesAndUnlearners() => AnyArguments.Sample(arguments =>
    {
        var (rows, count, _, seed) = arguments;
        TrialSpec[] trials =
        [
            .. TestTrials.Plan("EU", rows, count, arguments.ForgetShare, seed).Trials,
            .. TestTrials.Plan("FT", rows, count, arguments.ForgetShare, seed).Trials,
        ];
        Assert.Distinct(trials.Select(trial => trial.Seed));
        Assert.Distinct(trials.Select(trial => trial.Id));
    });

    [Fact]
    public void HalvesUnlearnersAndSeedsDealDifferentGroups()
    {
        TrialPlan[] plans = [TestTrials.Plan("EU", rows: 100), TestTrials.Plan("FT", rows: 100), TestTrials.Plan("EU", rows: 100, seed: 2)];
        Assert.Distinct(plans.SelectMany(plan => plan.Trials).Select(trial => string.Join(' ', trial.ForgetIds)));
    }

    [Fact]
    public void TheSameArgumentsGiveTheSamePlan() => AnyArguments.Sample(arguments =>
        arguments.Plan().Trials.Select(trial => trial.Id).SequenceEqual(arguments.Plan().Trials.Select(trial => trial.Id)));

    [Fact]
    public void ThePlanIsPinned()
    {
        var last = TestTrials.Plan().Trials[^1];
        Assert.Equal("0 1 3 10 14 15", string.Join(' ', last.ForgetIds));
        Assert.Equal("191c9ef5d0a75959c0db69138de90053611cd743192770c410a0bb0ccad45644", last.Id);
    }

    [Fact]
    public void ForgetSetsDoNotDependOnTheOrderOfTheRows() =>
        AnyArguments.SelectMany(arguments => Gen.Shuffle(TestTrials.Ids(arguments.Rows)), (arguments, shuffled) => (arguments, shuffled)).Sample(sample =>
        {
            var plan = sample.arguments.Plan();
            var other =
                TrialPlanner.Plan("EU", TestTrials.Context(), sample.shuffled, sample.arguments.Trials, sample.arguments.ForgetShare, sample.arguments.Seed);
            foreach (var (trial, otherTrial) in plan.Trials.Zip(other.Trials))
            {
                Assert.Equal(trial.Seed, otherTrial.Seed);
                Assert.Equal(trial.ForgetIds.Order(StringComparer.Ordinal), otherTrial.ForgetIds.Order(StringComparer.Ordinal));
            }
        });

    [Fact]
    public void MoreTrialsExtendAPlan() => AnyArguments.Sample(arguments =>
        (arguments with { Trials = arguments.Trials + 7 }).Plan().Trials.Take(arguments.Trials).Select(trial => trial.Id)
            .SequenceEqual(arguments.Plan().Trials.Select(trial => trial.Id)));

    [Fact]
    public void AShareIsRoundedToWholeRows() =>
        Assert.All(TestTrials.Plan(rows: 50, forgetShare: 0.05).Trials, trial => Assert.Equal(3, trial.ForgetIds.Count));

    [Theory]
    [InlineData(0.0)]
    [InlineData(-0.1)]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    [InlineData(0.01)] // rounds to no row
    [InlineData(0.99)] // rounds to all rows
    public void AShareOfNoRowsOrAllRowsIsRefusedByNameValueAndRemedy(double share)
    {
        var error = Assert.Throws<ArgumentException>("forgetShare", () => TestTrials.Plan(rows: 10, forgetShare: share));
        Assert.Contains(share.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Matches("must lie between|ask for at", error.Message);
    }

    [Fact]
    public void FewerThanTwoTrialsAreRefused() =>
        Assert.Contains("1 trials of EU", Assert.Throws<ArgumentException>("trials", () => TestTrials.Plan(trials: 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void FewerThanTwoRowsAreRefused() =>
        Assert.Contains("1 rows", Assert.Throws<ArgumentException>("ids", () => TestTrials.Plan(rows: 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void ARepeatedIdIsRefusedByName() =>
        Assert.Contains(
            "'a'",
            Assert.Throws<ArgumentException>("ids", () => TrialPlanner.Plan("EU", TestTrials.Context(), ["a", "b", "a"], 2, 0.4, 1)).Message,
            StringComparison.Ordinal);

    private static IEnumerable<int> Positions(TrialSpec trial) => trial.ForgetIds.Select(id => int.Parse(id, CultureInfo.InvariantCulture));

    [Fact]
    public void SingleRowsAreEachForgottenAsOftenInEachHalfWithSeedsOfTheirOwn()
    {
        var ids = TestTrials.Ids(9);
        var plan = TrialPlanner.PlanSingleRows("GA", TestTrials.Context(), ids, 3, seed: 5);
        Assert.Equal(54, plan.Trials.Count);
        Assert.Equal([3, 3], plan.MinimumCoverage);
        Assert.All(plan.Trials, trial => Assert.Single(trial.ForgetIds));
        Assert.Equal(54, plan.Trials.Select(trial => trial.Seed).Distinct().Count());
        for (var half = 0; half < 2; half++)
            Assert.All(ids, id => Assert.Equal(3, plan.Trials.Count(trial => trial.Half == half && trial.ForgetIds[0] == id)));
        var longer = TrialPlanner.PlanSingleRows("GA", TestTrials.Context(), ids, 4, seed: 5);
        Assert.Equal(plan.Trials.Select(trial => trial.Id), longer.Trials.Take(54).Select(trial => trial.Id));
        Assert.Equal("single rows", plan.Context.Description["forget set"]);
    }

    [Fact]
    public void SingleRowsAreChosenWhereTheyFitTheTime()
    {
        var choice = TrialModeChoice.ByCost("GA", 3000, 2, 0.01, TimeSpan.FromMinutes(1));
        Assert.Equal(TrialMode.SingleRow, choice.Mode);
        Assert.Equal("GA forgets single rows: 3000 rows × 2 × 0.01 s = 1 min of workers' time, 1 min allowed.", choice.Reason);
        choice = TrialModeChoice.ByCost("EU", 3000, 2, 2, TimeSpan.FromMinutes(10));
        Assert.Equal(TrialMode.Group, choice.Mode);
        Assert.Equal("EU forgets groups, since single rows cost too much: 3000 rows × 2 × 2 s = 200 min of workers' time, 10 min allowed.", choice.Reason);
    }
}
