namespace Unlearn.Examples.ErasureWebApi;

/// <summary>What a client posts.</summary>
/// <param name="Id">Id of the request, such as the number of a ticket: letters, digits, '-', '_' and '.', at most 100.</param>
/// <param name="RowIds">Ids of the rows to erase.</param>
/// <param name="DueAt">When they must be erased; 30 days from now by default.</param>
internal sealed record ErasureBody(string? Id, string[]? RowIds, DateTimeOffset? DueAt)
{
    private const int LongestId = 100;
    private const int MostRows = 10_000;

    /// <summary>What is wrong, by member; empty if nothing is.</summary>
    public Dictionary<string, string[]> Problems(DateTimeOffset now)
    {
        Dictionary<string, string[]> problems = [];
        if (Id is not { Length: > 0 and <= LongestId } || !Id.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.'))
            problems["id"] = [$"Give an id of letters, digits, '-', '_' and '.', at most {LongestId} of them."];
        if (RowIds is not { Length: > 0 and <= MostRows } || RowIds.Any(string.IsNullOrWhiteSpace))
            problems["rowIds"] = [$"Name the rows to erase: at least one, at most {MostRows}, none empty."];
        else if (RowIds.Distinct(StringComparer.Ordinal).Count() < RowIds.Length)
            problems["rowIds"] = ["Name each row once."];
        if (DueAt < now)
            problems["dueAt"] = [FormattableString.Invariant($"{DueAt:u} is past: name a time after {now:u}, or leave it out.")];
        return problems;
    }
}
