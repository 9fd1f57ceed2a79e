using Unlearn.MLNet.Trials.Ledger;

namespace Unlearn.Benchmarks.Trials;

/// <summary>A new ledger in a file, deleted at the end.</summary>
internal sealed class TemporaryLedger : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("unlearn-benchmark-");

    public TemporaryLedger() => Ledger = new(Path.Combine(_folder.FullName, "trials.db"));

    public SqliteTrialLedger Ledger { get; }

    public void Dispose()
    {
        Ledger.Dispose();
        _folder.Delete(recursive: true);
    }
}
