namespace Unlearn.Cli.Tables;

/// <summary>Understands one column of a table by its cells.</summary>
/// <param name="table">The table.</param>
/// <param name="name">The column's name.</param>
/// <param name="place">Its place.</param>
/// <param name="markers">Texts that stand for a missing value.</param>
internal sealed class ColumnReader(RawTable table, string name, int place, IReadOnlyCollection<string> markers)
{
    private const int FewCategories = 50;
    private const double MostCategories = 0.5;
    private const double WordsOfText = 4;
    private const double DistinctTexts = 0.2;
    private const double MostOdd = 0.02;
    private const int NamedValues = 4;
    private const int FewestCounted = 20;

    private readonly List<string> _cells =
    [
        .. table.Rows.Select(row => row[place]).Where(cell => !CellTexts.IsMissing(cell, markers)).Select(cell => cell!.Trim()),
    ];

    /// <summary>Understands the column.</summary>
    /// <param name="chosen">What a user says it is; <see langword="null"/> to find it out.</param>
    public UnderstoodColumn Read(ColumnKind? chosen)
    {
        if (_cells.Count == 0)
            return Column(
                chosen is null or ColumnKind.Number or ColumnKind.Category or ColumnKind.Text ? ColumnKind.Ignored : chosen.Value, "", "every cell is empty");
        var comma = _cells.Exists(cell => cell.Contains(',', StringComparison.Ordinal))
            && Share(cell => CellTexts.DecimalComma(cell) is not null) >= 1 - MostOdd;
        var isNumber = (comma ? Share(cell => CellTexts.DecimalComma(cell) is not null) : Share(cell => CellTexts.Number(cell) is not null)) is var share
            && share >= 1 - MostOdd;
        return chosen switch
        {
            ColumnKind.Number when share < 0.5 => throw new InvalidDataException($"The column '{name}' was called a number, "
                + $"but {1 - share:P0} of its cells are none, such as '{Odd(comma)}': leave it out of --column, or call it a category."),
            ColumnKind.Number => Number(comma, isChosen: true),
            ColumnKind.Category => Column(ColumnKind.Category, Distinct(), ""),
            ColumnKind.Text => Column(ColumnKind.Text, Words(), ""),
            not null => Column(chosen.Value, Distinct(), ""),
            null when isNumber && !_cells.Exists(CellTexts.IsCode) => Number(comma, isChosen: false),
            null => Texts(isNumber),
        };
    }

    private UnderstoodColumn Number(bool comma, bool isChosen)
    {
        var numbers = _cells.Select(cell => (comma ? CellTexts.DecimalComma(cell) : null) ?? CellTexts.Number(cell)).OfType<double>().ToList();
        var range = Invariant($"{numbers.Min():G6} to {numbers.Max():G6}");
        if (numbers.Min() == numbers.Max())
            return Column(ColumnKind.Ignored, Invariant($"{numbers[0]:G6}"), "the same in every row");
        if (!isChosen
            && numbers.Count == table.Rows.Count
            && numbers.Count >= FewestCounted
            && numbers[0] is 0 or 1
            && numbers.Index().All(of => of.Item == numbers[0] + of.Index))
            return Column(ColumnKind.Ignored, range, "counts the rows: --id can name it");
        var odd = _cells.Count - numbers.Count;
        return Column(
            ColumnKind.Number,
            range,
            odd > 0 ? $"{odd} {(odd == 1 ? "cell is no number" : "cells are no numbers")}, such as '{Odd(comma)}': missing" : comma ? "decimal comma" : "",
            comma,
            odd);
    }

    private UnderstoodColumn Texts(bool areCodes)
    {
        var distinct = _cells.Distinct(StringComparer.Ordinal).Count();
        var words = _cells.Average(cell => cell.Count(char.IsWhiteSpace) + 1);
        if (distinct == 1)
            return Column(ColumnKind.Ignored, Shown(_cells[0]), "the same in every row");
        if (words >= WordsOfText && distinct > DistinctTexts * _cells.Count && distinct > NamedValues)
            return Column(ColumnKind.Text, Words(), "");
        if (distinct > FewCategories && distinct > MostCategories * _cells.Count)
            return Column(ColumnKind.Ignored, Distinct(), "nearly every value another: --column can call it category or text");
        return Column(ColumnKind.Category, Distinct(), areCodes
            ? "codes with leading zeros: --column can call it a number"
            : distinct > FewCategories ? $"the {FewCategories} most frequent, and others"
            : "");
    }

    private UnderstoodColumn Column(ColumnKind kind, string values, string note, bool comma = false, int odd = 0) =>
        new(name, place, kind, comma, values, table.Rows.Count - _cells.Count + odd, note);

    private string Distinct()
    {
        var values = _cells.CountBy(cell => cell).OrderByDescending(of => of.Value).ThenBy(of => of.Key, StringComparer.Ordinal).ToList();
        return $"{values.Count}: {string.Join(", ", values.Take(NamedValues).Select(of => Shown(of.Key)))}{(values.Count > NamedValues ? ", …" : "")}";
    }

    private string Words() => Invariant($"{_cells.Average(cell => cell.Count(char.IsWhiteSpace) + 1):0} words on average");

    private double Share(Func<string, bool> has) => (double)_cells.Count(has) / _cells.Count;

    private string Odd(bool comma) => Shown(_cells.First(cell => (comma ? CellTexts.DecimalComma(cell) : CellTexts.Number(cell)) is null));

    // Cells may hold anything, control characters of terminals too.
    private static string Shown(string cell)
    {
        var plain = new string([.. cell.Select(letter => char.IsControl(letter) ? ' ' : letter)]);
        return plain.Length > 16 ? plain[..15] + "…" : plain;
    }
}
