using Microsoft.ML;
using Unlearn.MLNet.Triage;

namespace Unlearn.MLNet;

/// <summary>A request to erase rows from a model: which rows, when it came, and when it is due.</summary>
public sealed record ErasureRequest
{
    /// <summary>Id of the request, such as the number of a ticket. No two requests of a workspace share one.</summary>
    public required string Id { get; init; }

    /// <summary>Ids of the rows to erase, as text: at least one, none twice.</summary>
    public required IReadOnlyList<string> RowIds { get; init; }

    /// <summary>When the request came.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When the rows must be erased. A request that was due in the past is served at once.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>A request for all rows with a value in a column: the rows of a person, or of a class.</summary>
    /// <param name="id">Id of the request.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="columnName">Column to look at: text, a number, a <see cref="bool"/> or a key with values.</param>
    /// <param name="value">Value of the rows to erase, as invariant text.</param>
    /// <param name="receivedAt">When the request came.</param>
    /// <param name="dueAt">When the rows must be erased.</param>
    /// <param name="rowIdColumnName">Column of the row ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="ArgumentException">No row has the value.</exception>
    public static ErasureRequest Where(
        string id, IDataView rows, string columnName, string value, DateTimeOffset receivedAt, DateTimeOffset dueAt, string rowIdColumnName = "RowId")
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(value);
        var ids = RowSelection.Where(rows, rowIdColumnName, columnName, value);
        return ids.Count > 0
            ? new() { Id = id, RowIds = ids, ReceivedAt = receivedAt, DueAt = dueAt }
            : throw new ArgumentException($"No row has '{value}' in column '{columnName}', so there is nothing to erase.", nameof(value));
    }

    /// <exception cref="ArgumentException">The request is empty, names a row twice, or is due before it came.</exception>
    internal void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Id);
        ArgumentNullException.ThrowIfNull(RowIds);
        if (RowIds.Count == 0)
            throw new ArgumentException($"Request '{Id}' names no rows: name at least one row to erase.");
        if (RowIds.GroupBy(id => id, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"Request '{Id}' names row '{twice.Key}' {twice.Count()} times: name it once.");
        if (DueAt < ReceivedAt)
            throw new ArgumentException(Invariant($"Request '{Id}' is due at {DueAt:u}, before it came at {ReceivedAt:u}."));
    }
}
