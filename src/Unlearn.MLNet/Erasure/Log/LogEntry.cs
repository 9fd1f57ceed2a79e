using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unlearn.MLNet.Erasure.Log;

/// <summary>One entry of a log.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Time">When it was written.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Data">What there is to know of it.</param>
/// <param name="Hash">SHA-256 of the entry, the hash of the entry before included.</param>
internal sealed record LogEntry(long Index, DateTimeOffset Time, string Kind, JsonObject Data, string Hash)
{
    /// <summary>Whether the model was trained then, without what was erased: at first, or by an exact method.</summary>
    public bool IsTraining => Kind == EntryKind.Created || Kind == EntryKind.Completed && Data["isExact"]?.GetValue<bool>() == true;

    public string Text(string name) => Data[name]?.GetValue<string>() ?? throw new FormatException($"Entry {Index} of the erasure log has no '{name}'.");

    public IReadOnlyList<string> Texts(string name) =>
        [.. (Data[name] as JsonArray ?? throw new FormatException($"Entry {Index} of the erasure log has no '{name}'."))
            .Select(item => item!.GetValue<string>())];

    public DateTimeOffset TimeOf(string name) => Data[name]!.GetValue<DateTimeOffset>();

    public T Read<T>(string name) =>
        Data[name].Deserialize<T>(ErasureJson.Options) ?? throw new FormatException($"Entry {Index} of the erasure log has no '{name}'.");
}
