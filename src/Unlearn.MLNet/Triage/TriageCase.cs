namespace Unlearn.MLNet.Triage;

/// <summary>A request with everything that its plan depends on.</summary>
internal sealed record TriageCase
{
    public required ErasureRequest Request { get; init; }

    /// <summary>The rows of the request, in its order.</summary>
    public required IReadOnlyList<TriageRow> Rows { get; init; }

    /// <summary>Number of rows that are left to train on before this request.</summary>
    public required int RowsLeft { get; init; }

    /// <summary>Classes that have no row left after the request.</summary>
    public IReadOnlyList<string> EmptiedClasses { get; init; } = [];

    /// <summary>Rows that stay, and are near-duplicates of rows of the request.</summary>
    public IReadOnlyList<string> DuplicatesLeft { get; init; } = [];

    /// <summary>The approximate method that changed the model last since it was trained; <see langword="null"/> if none did.</summary>
    public string? ChangedBy { get; init; }

    /// <summary>Why nothing can be predicted; <see langword="null"/> if it can.</summary>
    public string? Unpredictable { get; init; }

    /// <summary>The methods of the labels, in any order; at least one is exact.</summary>
    public required IReadOnlyList<TriageMethod> Methods { get; init; }

    public required double Tolerance { get; init; }

    public required ErasurePolicy Policy { get; init; }

    public required string ModelHash { get; init; }

    public required DateTimeOffset Now { get; init; }
}
