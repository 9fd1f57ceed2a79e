namespace Unlearn.Cli.Tables;

/// <summary>What a user says of a table's columns.</summary>
internal sealed record TableOptions
{
    /// <summary>Column of the classes; <see langword="null"/> to find it by its name.</summary>
    public string? Label { get; init; }

    /// <summary>Column of the row ids; <see langword="null"/> for the rows' numbers in the file.</summary>
    public string? Id { get; init; }

    /// <summary>Column that tells training rows from test rows.</summary>
    public string? Split { get; init; }

    /// <summary>Kinds that columns have, whatever their cells look like.</summary>
    public IReadOnlyDictionary<string, ColumnKind> Kinds { get; init; } = new Dictionary<string, ColumnKind>();

    /// <summary>Texts that stand for a missing value, beside the usual ones.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}
