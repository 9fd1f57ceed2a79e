using Spectre.Console;
using Unlearn.Cli.Terminal;

namespace Unlearn.Cli.Tables;

/// <summary>A table whose columns are understood: which is the label, which describe a row, and how.</summary>
internal sealed record UnderstoodTable
{
    public required string Path { get; init; }

    public required RawTable Raw { get; init; }

    public required IReadOnlyList<UnderstoodColumn> Columns { get; init; }

    public required IReadOnlyCollection<string> MissingMarkers { get; init; }

    /// <summary>Places of the rows that have a label.</summary>
    public required IReadOnlyList<int> Rows { get; init; }

    /// <summary>The classes: numbers by value, texts by letters.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public UnderstoodColumn Label => Columns.First(column => column.Kind == ColumnKind.Label);

    public IEnumerable<UnderstoodColumn> Of(ColumnKind kind) => Columns.Where(column => column.Kind == kind);

    /// <summary>A row's id: its cell, or its number in the file, from 1.</summary>
    public string IdOf(int row) => Of(ColumnKind.Id).FirstOrDefault() is { } id ? Raw.Rows[row][id.Place]!.Trim() : Invariant($"{row + 1}");

    public string LabelOf(int row) => Raw.Rows[row][Label.Place]!.Trim();

    /// <summary>The one table that says what was understood.</summary>
    public Table ToConsole()
    {
        var title = Markup.Escape($"{System.IO.Path.GetFileName(Path)}: {Raw.Format}, {Raw.Rows.Count} rows");
        var table = PlainTable.Create(title, "column", "taken for", "values", "missing", "note");
        foreach (var column in Columns)
            table.AddRow(Markup.Escape(column.Name), column.Kind.ToString().ToLowerInvariant(), Markup.Escape(column.Values),
                column.Missing == 0 ? "" : Invariant($"{column.Missing}"), Markup.Escape(column.Note));
        return table;
    }
}
