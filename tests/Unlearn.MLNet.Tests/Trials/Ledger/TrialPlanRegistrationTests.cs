using Unlearn.MLNet.Trials.Ledger;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

public sealed class TrialPlanRegistrationTests : TrialPlanRegistrationContract
{
    private readonly TemporaryFolder _folder;

    public TrialPlanRegistrationTests() : this(new TemporaryFolder()) { }

    private TrialPlanRegistrationTests(TemporaryFolder folder) : base(new SqliteTrialLedger(folder.File("ledger.db"))) => _folder = folder;

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }
}
