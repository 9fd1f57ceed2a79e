using Unlearn.MLNet.Trials.Ledger;
using Xunit;

namespace Unlearn.MLNet.Tests.Strengths;

public sealed class CalibrationLedgerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_measurement_stays()
    {
        using (var ledger = new SqliteTrialLedger(_folder.File("ledger.db")))
        {
            Assert.Null(ledger.FindMeasurement("a"));
            Assert.Equal("first ä", ledger.KeepMeasurement("a", "FT", "first ä"));
            Assert.Equal("first ä", ledger.KeepMeasurement("a", "FT", "second"));
            Assert.Null(ledger.FindMeasurement("b"));
        }
        using var reopened = new SqliteTrialLedger(_folder.File("ledger.db"));
        Assert.Equal("first ä", reopened.FindMeasurement("a"));
    }

    [Fact]
    public void A_changed_measurement_is_noticed()
    {
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        ledger.KeepMeasurement("a", "FT", "0.5");
        ledger.Connection.Script("UPDATE calibration SET content = '0.6'");
        Assert.Contains("the calibration's measurement 'a' does not match its checksum",
            Assert.Throws<TrialLedgerException>(() => ledger.FindMeasurement("a")).Message, StringComparison.Ordinal);
    }
}
