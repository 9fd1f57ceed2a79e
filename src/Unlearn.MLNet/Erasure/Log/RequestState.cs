namespace Unlearn.MLNet.Erasure.Log;

/// <summary>What a log tells of one request.</summary>
/// <param name="Requested">The entry that it came with.</param>
internal sealed record RequestState(LogEntry Requested)
{
    public string Id => Requested.Text("request");

    /// <summary>Keyed hashes of its rows.</summary>
    public IReadOnlyList<string> Rows => Requested.Texts("rows");

    public DateTimeOffset ReceivedAt => Requested.TimeOf("receivedAt");

    public DateTimeOffset DueAt => Requested.TimeOf("dueAt");

    public LogEntry? Planned { get; init; }

    /// <summary>The latest entry that it waits by; <see langword="null"/> if it does not wait.</summary>
    public LogEntry? Waiting { get; init; }

    public LogEntry? Completed { get; init; }

    public ErasureState State => Completed is not null ? ErasureState.Completed : Waiting is not null ? ErasureState.Waiting : ErasureState.Begun;

    /// <summary>All entries about it, in order.</summary>
    public IReadOnlyList<LogEntry> Entries { get; init; } = [];

    /// <summary>All requests of a log, in order.</summary>
    public static IReadOnlyDictionary<string, RequestState> All(IEnumerable<LogEntry> entries)
    {
        Dictionary<string, RequestState> requests = new(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (entry.Kind == EntryKind.Requested)
                requests[entry.Text("request")] = new(entry);
            foreach (var id in RequestsOf(entry))
                if (requests.TryGetValue(id, out var state))
                {
                    state = state with { Entries = [.. state.Entries, entry] };
                    requests[id] = entry.Kind switch
                    {
                        EntryKind.Planned => state with { Planned = entry },
                        EntryKind.Waiting => state with { Waiting = entry },
                        EntryKind.Completed => state with { Completed = entry, Waiting = null },
                        _ => state,
                    };
                }
        }
        return requests;
    }

    private static IReadOnlyList<string> RequestsOf(LogEntry entry) => entry.Data.ContainsKey("request") ? [entry.Text("request")]
        : entry.Data.ContainsKey("requests") ? entry.Texts("requests")
        : [];
}
