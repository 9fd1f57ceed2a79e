namespace Unlearn.Examples.ErasureRequests;

/// <summary>What a request asks to erase.</summary>
internal enum RequestKind
{
    /// <summary>One row.</summary>
    Row,

    /// <summary>A few rows that are near each other and of one class, as those of one person are.</summary>
    Person,

    /// <summary>Many rows of one class.</summary>
    Class,
}

/// <summary>An erasure request of the stream.</summary>
/// <param name="Number">When it came: the time is counted in requests, from 0.</param>
/// <param name="Due">When it must be done, in requests.</param>
/// <param name="Kind">What it asks to erase.</param>
/// <param name="Rows">Positions of the rows, ascending.</param>
internal sealed record StreamRequest(int Number, int Due, RequestKind Kind, int[] Rows);
