using CsCheck;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

public sealed class DamagedLedgerTests : IDisposable
{
    private static readonly TrialPlan Plan = TestTrials.Plan(rows: 60, trials: 12);

    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public DamagedLedgerTests() => _path = _folder.File("ledger.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ATruncatedLedgerIsRefused()
    {
        var whole = WholeLedger();
        foreach (var length in new[] { 1, 50, 100, 4_096, whole.Length / 2, whole.Length - 4_096, whole.Length - 1 })
            Assert.True(IsRefused(whole[..length]), $"Cut to {length} bytes.");
    }

    [Fact]
    public void AFlippedByteOfTheHeaderIsRefusedOrHarmless()
    {
        var whole = WholeLedger();
        for (var position = 0; position < 100; position++)
            foreach (var mask in new byte[] { 0x01, 0x80, 0xFF })
                IsRefused(FlipByte(whole, position, mask));
    }

    [Fact]
    public void AFlippedByteAnywhereNeverYieldsAnotherResult()
    {
        var whole = WholeLedger();
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte[1, 255]).Sample(
            (position, mask) => IsRefused(FlipByte(whole, position, mask)) || true, iter: 300, threads: 1);
    }

    private byte[] WholeLedger()
    {
        using (var ledger = new SqliteTrialLedger(_path))
            SqliteTrialLedgerTests.AddAll(ledger, Plan);
        Assert.False(File.Exists(_path + "-wal"));
        return File.ReadAllBytes(_path);
    }

    private static byte[] FlipByte(byte[] whole, int position, byte mask)
    {
        var flipped = (byte[])whole.Clone();
        flipped[position] ^= mask;
        return flipped;
    }

    /// <summary>Whether opening the file, or reading a result, says that it is no good; fails when it misses a result or yields another.</summary>
    private bool IsRefused(byte[] content)
    {
        File.Delete(_path + "-wal");
        File.Delete(_path + "-shm");
        File.WriteAllBytes(_path, content);
        try
        {
            using var ledger = new SqliteTrialLedger(_path);
            foreach (var trial in Plan.Trials)
                TestTrials.AssertSame(TestTrials.Result(trial), ledger.Read(trial));
            return false;
        }
        catch (TrialLedgerException)
        {
            return true;
        }
    }
}
