using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

/// <summary>How every ledger keeps claims apart: two open ledgers of one storage, each with a clock of its own.</summary>
public abstract class TrialClaimContract : IDisposable
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(30);
    private static readonly TrialPlan Plan = TestTrials.Plan();
    private static readonly TrialSpec Trial = Plan.Trials[0];

    private readonly ManualTime _oneTime = new();
    private readonly ManualTime _otherTime = new();
    private ITrialLedger _one = null!;
    private ITrialLedger _other = null!;

    public virtual void Dispose()
    {
        _one?.Dispose();
        _other?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens the ledgers; a derived class's constructor calls it.</summary>
    private protected void Begin(Func<TimeProvider, ITrialLedger> open) => (_one, _other) = (open(_oneTime), open(_otherTime));

    /// <summary>Number of leases in the storage.</summary>
    private protected abstract long Leases();

    [Fact]
    public void AClaimedTrialIsRunningForAllUntilTheClaimIsGivenUp()
    {
        var claim = _one.Claim(Trial);
        Assert.NotNull(claim);
        Assert.Null(_one.Claim(Trial));
        Assert.Null(_other.Claim(Trial));
        Assert.Equal([TrialState.Running, TrialState.Pending], _other.States([Trial.Id, Plan.Trials[1].Id]));

        claim.Dispose();
        Assert.Equal([TrialState.Pending], _other.States([Trial.Id]));
        Assert.NotNull(_other.Claim(Trial));
        claim.Dispose();
        Assert.Equal([TrialState.Running], _one.States([Trial.Id]));
    }

    [Fact]
    public void AResultEndsTheClaimAndTheTrialCannotBeClaimedAgain()
    {
        using (_one.Claim(Trial))
            Assert.True(_one.Add(Trial, TestTrials.Result(Trial)));
        Assert.Equal([TrialState.Finished], _other.States([Trial.Id]));
        Assert.Null(_other.Claim(Trial));
        Assert.Equal(0, Leases());
    }

    [Fact]
    public void AFailureEndsTheClaimAndTheTrialCanBeClaimedOnceItIsDropped()
    {
        using (_one.Claim(Trial))
            Assert.True(_one.Add(Trial, TestTrials.Failure(Trial)));
        Assert.Equal([TrialState.Failed], _other.States([Trial.Id]));
        Assert.Null(_other.Claim(Trial));
        Assert.Equal(0, Leases());

        _other.DropFailures([Trial.Id]);
        Assert.NotNull(_other.Claim(Trial));
    }

    [Fact]
    public void HeartbeatsKeepAClaim()
    {
        using var claim = _one.Claim(Trial);
        _oneTime.Advance(TimeSpan.FromMinutes(10));
        _otherTime.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(_other.Claim(Trial));
    }

    [Fact]
    public void WithoutHeartbeatsAClaimExpiresAndTheFirstResultStays()
    {
        using var claim = _one.Claim(Trial);
        _otherTime.Advance(LeaseDuration - TimeSpan.FromSeconds(1));
        Assert.Equal([TrialState.Running], _other.States([Trial.Id]));
        Assert.Null(_other.Claim(Trial));

        _otherTime.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([TrialState.Pending], _other.States([Trial.Id]));
        using var claimOfOther = _other.Claim(Trial);
        Assert.NotNull(claimOfOther);

        Assert.True(_one.Add(Trial, TestTrials.Result(Trial, seconds: 1)));
        Assert.False(_other.Add(Trial, TestTrials.Result(Trial, seconds: 2)));
        Assert.Equal(1, _other.Read(Trial).Seconds);
    }

    [Fact]
    public void ALedgerThatWasTakenForDeadClaimsAgainAndLosesNothingToOthers()
    {
        using var lost = _one.Claim(Trial);
        _otherTime.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(_other.Claim(Trial));

        _oneTime.Advance(TimeSpan.FromMinutes(1));
        lost!.Dispose();
        Assert.Equal([TrialState.Running], _one.States([Trial.Id]));
        using var next = _one.Claim(Plan.Trials[1]);
        Assert.NotNull(next);
        Assert.Null(_other.Claim(Plan.Trials[1]));
    }

    [Fact]
    public void ClosingALedgerGivesUpItsClaims()
    {
        var claim = _one.Claim(Trial);
        _one.Dispose();
        Assert.NotNull(_other.Claim(Trial));
        claim!.Dispose();
        Assert.Equal(1, Leases());
    }
}
