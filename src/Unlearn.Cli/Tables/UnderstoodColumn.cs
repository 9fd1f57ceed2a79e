namespace Unlearn.Cli.Tables;

/// <summary>What was understood of a column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Place">Its place in the rows, from 0.</param>
/// <param name="Kind">What it is.</param>
/// <param name="HasDecimalComma">Whether its numbers have a comma where others have a point.</param>
/// <param name="Values">Its values, for people: a range, or how many there are.</param>
/// <param name="Missing">Rows without a value.</param>
/// <param name="Note">What is odd about it, and the remedy; empty if nothing is.</param>
internal sealed record UnderstoodColumn(string Name, int Place, ColumnKind Kind, bool HasDecimalComma, string Values, int Missing, string Note)
{
    /// <summary>The number in a cell; <see langword="null"/> for none.</summary>
    public double? Number(string? cell, IReadOnlyCollection<string> markers) =>
        CellTexts.IsMissing(cell, markers) ? null : (HasDecimalComma ? CellTexts.DecimalComma(cell!) : null) ?? CellTexts.Number(cell!);
}
