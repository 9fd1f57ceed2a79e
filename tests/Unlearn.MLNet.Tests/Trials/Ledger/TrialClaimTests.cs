using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

public sealed class TrialClaimTests : TrialClaimContract
{
    private static readonly TrialSpec Trial = TestTrials.Plan().Trials[0];

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteTrialLedger _one;
    private readonly SqliteTrialLedger _other;

    public TrialClaimTests()
    {
        Begin(Open);
        _one = Open(new ManualTime());
        _other = Open(new ManualTime());
    }

    public override void Dispose()
    {
        base.Dispose();
        _one.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    private protected override long Leases() => _other.Connection.Number("SELECT count(*) FROM lease");

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
    public void ADurationOfNothingIsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SqliteTrialLedger(_folder.File("other.db")) { LeaseDuration = TimeSpan.Zero });

    private SqliteTrialLedger Open(TimeProvider time) => new(_folder.File("ledger.db"), time);
}
