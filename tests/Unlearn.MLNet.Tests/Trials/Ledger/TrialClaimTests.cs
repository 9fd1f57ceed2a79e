using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

/// <summary>Two open ledgers of one file, each with a clock of its own.</summary>
public sealed class TrialClaimTests : IDisposable
{
    private static readonly TrialPlan Plan = TestTrials.Plan();
    private static readonly TrialSpec Trial = Plan.Trials[0];

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _oneTime = new();
    private readonly ManualTime _otherTime = new();
    private readonly SqliteTrialLedger _one;
    private readonly SqliteTrialLedger _other;

    public TrialClaimTests()
    {
        _one = new SqliteTrialLedger(_folder.File("ledger.db"), _oneTime);
        _other = new SqliteTrialLedger(_folder.File("ledger.db"), _otherTime);
    }

    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

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
        _otherTime.Advance(_one.LeaseDuration - TimeSpan.FromSeconds(1));
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
    public void AClaimWhoseSessionIsGoneBlocksNobody()
    {
        _one.Connection.Execute("INSERT INTO lease (trial, session) VALUES (?1, 999)", Trial.Id);
        Assert.NotNull(_other.Claim(Trial));
    }

    [Fact]
    public void ClaimsOfAProcessThatIsGoneCanBeHadAtOnce()
    {
        using (_one.Claim(Trial))
        {
            _one.Connection.Execute("UPDATE session SET process = ?1", int.MaxValue);
            Assert.NotNull(_other.Claim(Trial));
        }
    }

    [Fact]
    public void ClaimsOfAnotherMachinesProcessMustExpire()
    {
        using (_one.Claim(Trial))
        {
            _one.Connection.Execute("UPDATE session SET process = ?1, machine = 'another'", int.MaxValue);
            Assert.Null(_other.Claim(Trial));
        }
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

    [Fact]
    public void ADurationOfNothingIsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SqliteTrialLedger(_folder.File("other.db")) { LeaseDuration = TimeSpan.Zero });

    private long Leases() => _other.Connection.Number("SELECT count(*) FROM lease");
}
