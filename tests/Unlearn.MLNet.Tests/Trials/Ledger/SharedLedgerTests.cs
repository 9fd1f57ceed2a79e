using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

public sealed class SharedLedgerTests : SharedLedgerContract
{
    private readonly TemporaryFolder _folder = new();

    public override void Dispose() => _folder.Dispose();

    private protected override ITrialLedger Open() => new SqliteTrialLedger(_folder.File("ledger.db"));
}
