using Microsoft.Data.Sqlite;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Ledger;

public sealed class TrialLedgerFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public TrialLedgerFileTests() => _path = _folder.File("ledger.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void RandomBytesAreRefusedAndLeftAlone()
    {
        var garbage = new byte[5_000];
        new Random(1).NextBytes(garbage);
        File.WriteAllBytes(_path, garbage);
        Assert.Contains(_path, Assert.Throws<TrialLedgerException>(() => new SqliteTrialLedger(_path)).Message, StringComparison.Ordinal);
        Assert.Equal(garbage, File.ReadAllBytes(_path));
    }

    [Fact]
    public void AnEmptyFileBecomesALedger()
    {
        File.WriteAllBytes(_path, []);
        using var ledger = new SqliteTrialLedger(_path);
        Assert.Equal([TrialState.Pending], ledger.States(["nobody"]));
    }

    [Fact]
    public void ANewerVersionIsRefusedByVersion()
    {
        new SqliteTrialLedger(_path).Dispose();
        Execute("PRAGMA user_version = 7");
        Assert.Contains("version 7", Assert.Throws<TrialLedgerException>(() => new SqliteTrialLedger(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AVersionThatNeverExistedIsDamage()
    {
        new SqliteTrialLedger(_path).Dispose();
        Execute("PRAGMA user_version = 0");
        Assert.Contains("which never existed", Assert.Throws<TrialLedgerException>(() => new SqliteTrialLedger(_path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE TABLE customers (name TEXT)")]
    [InlineData("PRAGMA application_id = 12345")]
    [InlineData("PRAGMA user_version = 1")]
    public void ADatabaseOfAnotherApplicationIsRefusedAndLeftAlone(string statement)
    {
        Execute(statement);
        var before = File.ReadAllBytes(_path);
        Assert.Contains("another application", Assert.Throws<TrialLedgerException>(() => new SqliteTrialLedger(_path)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_path));
    }

    [Fact]
    public void AFolderInPlaceOfTheFileIsRefused()
    {
        Directory.CreateDirectory(_path);
        Assert.Contains("cannot be opened", Assert.Throws<TrialLedgerException>(() => new SqliteTrialLedger(_path)).Message, StringComparison.Ordinal);
    }

    private void Execute(string statement)
    {
        using var connection = new SqliteConnection($"Data Source={_path};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = statement;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
