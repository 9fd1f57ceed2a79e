using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unlearn.MLNet.Erasure.Log;

/// <summary>
/// The text of a log: a line of JSON for each entry, which ends in the SHA-256 of all before it, and holds the hash of the line above. So a change anywhere
/// breaks the chain.
/// </summary>
internal static class LogText
{
    public const string NoHash = "0000000000000000000000000000000000000000000000000000000000000000";

    private const string HashStart = ",\"hash\":\"";
    private const string HashEnd = "\"}";

    /// <summary>Writes an entry as a line, with its line end.</summary>
    public static (LogEntry Entry, string Line) Write(long index, DateTimeOffset time, string kind, JsonObject data, string previous)
    {
        var body = new JsonObject
        {
            ["index"] = index, ["time"] = time, ["kind"] = kind, ["data"] = data.DeepClone(), ["previous"] = previous,
        }.ToJsonString(ErasureJson.Options)[..^1];
        var hash = Hash(body);
        return (new(index, time, kind, data, hash), $"{body}{HashStart}{hash}{HashEnd}\n");
    }

    /// <summary>Reads all entries and checks the chain.</summary>
    /// <param name="bytes">The file.</param>
    /// <exception cref="FormatException">An entry is damaged, missing or was changed; the message tells which.</exception>
    public static IReadOnlyList<LogEntry> Read(ReadOnlySpan<byte> bytes)
    {
        List<LogEntry> entries = [];
        while (bytes.Length > 0)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0)
                throw Damaged(entries.Count, "it is cut off");
            entries.Add(ReadLine(bytes[..end], entries.Count, entries.Count == 0 ? NoHash : entries[^1].Hash));
            bytes = bytes[(end + 1)..];
        }
        return entries;
    }

    private static LogEntry ReadLine(ReadOnlySpan<byte> bytes, int index, string previous)
    {
        var tail = HashStart.Length + NoHash.Length + HashEnd.Length;
        if (bytes.Length <= tail)
            throw Damaged(index, "it is cut off");
        var line = Encoding.UTF8.GetString(bytes);
        var (body, end) = (line[..^tail], line[^tail..]);
        if (end != $"{HashStart}{Convert.ToHexStringLower(SHA256.HashData(bytes[..^tail]))}{HashEnd}")
            throw Damaged(index, "its hash does not fit its content");
        try
        {
            var entry = JsonNode.Parse($"{body}}}")!.AsObject();
            if (entry["index"]!.GetValue<long>() != index || entry["previous"]!.GetValue<string>() != previous)
                throw Damaged(index, "an entry before it is missing or was changed");
            var data = entry["data"]!.AsObject();
            entry.Remove("data");
            return new(index, entry["time"]!.GetValue<DateTimeOffset>(), entry["kind"]!.GetValue<string>(), data, Hash(body));
        }
        catch (Exception cause) when (cause is JsonException or NullReferenceException or InvalidOperationException)
        {
            throw Damaged(index, "it cannot be read");
        }
    }

    private static string Hash(string body) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));

    private static FormatException Damaged(int index, string why) => new($"Entry {index} of the erasure log is not what was written: {why}.");
}
