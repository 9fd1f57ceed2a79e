using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

/// <summary>Which plans every ledger takes, and which it refuses.</summary>
public abstract class TrialPlanRegistrationContract : IDisposable
{
    private readonly ITrialLedger _ledger;

    private protected TrialPlanRegistrationContract(ITrialLedger ledger) => _ledger = ledger;

    public virtual void Dispose()
    {
        _ledger.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void TheSamePlanMoreTrialsOfItAndOtherUnlearnersAreWelcome()
    {
        Run(Plan(trials: 4));
        _ledger.Register(Plan(trials: 4), allowOthers: false);
        _ledger.Register(Plan(trials: 40), allowOthers: false);
        _ledger.Register(Plan(trials: 2), allowOthers: false);
        _ledger.Register(Plan(unlearner: "FT", recipe: "another"), allowOthers: false);
    }

    [Fact]
    public void AnotherPlanIsRefusedByWhatDiffers()
    {
        Run(Plan());
        var message = Assert.Throws<TrialLedgerException>(() => _ledger.Register(Plan(recipe: "epochs=3", seed: 7), allowOthers: false)).Message;
        Assert.Contains("recipe: epochs=2 → epochs=3\n", message, StringComparison.Ordinal);
        Assert.Contains("seed: 1 → 7\n", message, StringComparison.Ordinal);
        Assert.DoesNotContain("rows:", message, StringComparison.Ordinal);
        Assert.DoesNotContain("forget share:", message, StringComparison.Ordinal);
        Assert.Contains("another output folder", message, StringComparison.Ordinal);
        Assert.StartsWith("The ledger '", message, StringComparison.Ordinal);
        Assert.DoesNotContain("'ledger", message, StringComparison.Ordinal);
        Assert.Contains("trials of EU", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherForgetShareIsAnotherPlan()
    {
        Run(Plan());
        Assert.Contains("forget share: 0.3 → 0.5\n",
            Assert.Throws<TrialLedgerException>(() => _ledger.Register(Plan(forgetShare: 0.5), allowOthers: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheNearestOfSeveralPlansIsCompared()
    {
        Run(Plan(recipe: "epochs=9", seed: 9));
        Run(Plan());
        var message = Assert.Throws<TrialLedgerException>(() => _ledger.Register(Plan(seed: 7), allowOthers: false)).Message;
        Assert.Contains("seed: 1 → 7\n", message, StringComparison.Ordinal);
        Assert.DoesNotContain("recipe:", message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherPlansAreKeptApartOnRequestAndKnownFromThenOn()
    {
        Run(Plan());
        Run(Plan(seed: 7));
        _ledger.Register(Plan(), allowOthers: false);
        _ledger.Register(Plan(seed: 7), allowOthers: false);
        Assert.Throws<TrialLedgerException>(() => _ledger.Register(Plan(seed: 8), allowOthers: false));
        Assert.Equal(10, _ledger.Finished(Plan()).Count);
        Assert.Equal(10, _ledger.Finished(Plan(seed: 7)).Count);
    }

    [Fact]
    public void APlanThatCameToNoTrialDoesNotCount()
    {
        _ledger.Register(Plan(recipe: "wrong"), allowOthers: false);
        _ledger.Register(Plan(), allowOthers: false);
    }

    [Fact]
    public void AFailureCountsAsATrial()
    {
        _ledger.Register(Plan(), allowOthers: false);
        _ledger.Add(Plan().Trials[0], TestTrials.Failure(Plan().Trials[0]));
        Assert.Throws<TrialLedgerException>(() => _ledger.Register(Plan(recipe: "another"), allowOthers: false));
    }

    private static TrialPlan Plan(string unlearner = "EU", string recipe = "epochs=2", int trials = 10, double forgetShare = 0.3, long seed = 1) =>
        TrialPlanner.Plan(unlearner, TestTrials.Context($"hash of {recipe}", recipe), TestTrials.Ids(20), trials, forgetShare, seed);

    private void Run(TrialPlan plan)
    {
        _ledger.Register(plan, allowOthers: true);
        TrialLedgerContract.AddAll(_ledger, plan);
    }
}
