using System.Security.Cryptography;
using System.Text;
using Unlearn.MLNet;

namespace Unlearn.Distributed.Database;

/// <summary>What calibrations measured.</summary>
/// <param name="connection">The database.</param>
/// <param name="schema">Name of the schema.</param>
/// <param name="name">The ledger in words.</param>
internal sealed class LedgerCalibrations(PostgresConnection connection, string schema, string name)
{
    private const int ProbeLines = 2048; // of 32 bytes

    /// <summary>A measurement, where there is one.</summary>
    /// <exception cref="TrialLedgerException">It is not the one that was kept.</exception>
    public string? Find(string id) => connection.Rows(
        row => (Content: row.GetString(0), Checksum: row.GetString(1)), $"""SELECT content, checksum FROM "{schema}".calibration WHERE id = $1""", id) switch
    {
        [] => null,
        [var kept, ..] when Checksum(id, kept.Content) == kept.Checksum => kept.Content,
        _ => throw new TrialLedgerException($"The {name} is damaged: the calibration's measurement '{id}' does not match its checksum."),
    };

    /// <summary>Keeps a measurement, unless there is one.</summary>
    /// <returns>The one that is kept.</returns>
    public string Keep(string id, string unlearner, string content)
    {
        connection.Execute(
            $"""INSERT INTO "{schema}".calibration (id, unlearner, content, checksum) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING""",
            id, unlearner, content, Checksum(id, content));
        return Find(id)!;
    }

    /// <summary>Takes the room of a result, and gives it back.</summary>
    public int ProbeSpace()
    {
        const string Id = "probe";
        // Of numbers' hashes, since zeros would be compressed.
        return connection.Execute(
                $"""
                INSERT INTO "{schema}".calibration (id, unlearner, content, checksum)
                SELECT $1, $1, string_agg(md5(number::text), ''), $1 FROM generate_series(1, {ProbeLines}) AS number ON CONFLICT (id) DO NOTHING
                """,
                Id)
            + connection.Execute($"""DELETE FROM "{schema}".calibration WHERE id = $1""", Id);
    }

    private static string Checksum(string id, string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{id}\n{content}")));
}
