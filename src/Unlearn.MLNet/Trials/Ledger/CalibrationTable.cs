using System.Security.Cryptography;
using System.Text;

namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>What calibrations measured: a row per unlearned model.</summary>
internal sealed class CalibrationTable(LedgerConnection connection)
{
    /// <summary>Inserts a measurement unless there is one.</summary>
    public void Insert(string id, string unlearner, string content) =>
        connection.Execute("INSERT INTO calibration (id, unlearner, content, checksum) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING", id, unlearner,
            content, Checksum(id, content));

    /// <summary>A measurement, where there is one.</summary>
    /// <exception cref="TrialLedgerException">It is not the one that was inserted.</exception>
    public string? Find(string id)
    {
        var row = connection.Rows("SELECT content, checksum FROM calibration WHERE id = ?1", id);
        if (!row.Next())
            return null;
        var (content, checksum) = (row.Text(0), row.Text(1));
        row.Reset();
        return Checksum(id, content) == checksum
            ? content
            : throw TrialLedgerFile.Damaged(connection.Path, $"the calibration's measurement '{id}' does not match its checksum");
    }

    private static string Checksum(string id, string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{id}\n{content}")));
}
