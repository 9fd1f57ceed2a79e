namespace Unlearn.Cli.Tables;

/// <summary>CSV, TSV and their kin: finds out encoding, separator, quotes and header, and says what it found.</summary>
internal static class DelimitedTable
{
    private const int Looked = 200;
    private const int MostColumns = 100_000;
    private const double MostRagged = 0.02;
    private static readonly char[] Separators = [',', '\t', ';', '|'];

    public static RawTable Read(byte[] bytes, string path, DelimitedOptions options)
    {
        var (text, encoding, note) = TextEncodings.Decode(bytes, path, options.Encoding);
        List<string> notes = note is null ? [] : [note];
        var separator = options.Separator ?? FindSeparator(text);
        var hasQuotes = text.Contains('"') && !(separator == '\t' && IsEven(text, separator));
        var records = new DelimitedText(text, separator, hasQuotes);
        List<string[]> rows = [];
        List<int> lines = [];
        while (records.Next() is { } cells)
        {
            rows.Add([.. cells]);
            lines.Add(records.Line);
        }
        if (rows.Count == 0)
            throw new InvalidDataException($"'{path}' is empty: name a table with a header line and rows.");
        if (records.UnclosedQuote > 0)
            notes.Add($"The quote in line {records.UnclosedQuote} is never closed: it was taken for a letter.");

        var width = rows.Take(Looked).CountBy(row => row.Length).OrderByDescending(of => of.Value).ThenByDescending(of => of.Key).First().Key;
        if (width > MostColumns)
            throw new InvalidDataException($"'{path}' has {width} columns, and {MostColumns} are the most: is --separator right?");
        var hasHeader = options.HasHeader ?? IsHeader(rows);
        var header = hasHeader ? Names(rows[0], notes) : [.. Enumerable.Range(1, width).Select(i => $"column{i}")];
        if (!hasHeader)
            notes.Add("The first line is a row, since it holds numbers or nothing: columns are named by their places. --header yes says otherwise.");
        return new(header, Fit(rows.Skip(hasHeader ? 1 : 0), lines.Skip(hasHeader ? 1 : 0), header.Count, path, notes),
            $"{(separator == '\t' ? "TSV" : $"CSV with '{separator}'")}, {encoding}", notes);
    }

    // The separator that gives most records the same number of cells, and many of them.
    private static char FindSeparator(string text) => Separators.MaxBy(separator =>
    {
        var records = new DelimitedText(text, separator, hasQuotes: true);
        List<int> widths = [];
        while (widths.Count < Looked && records.Next() is { } cells)
            widths.Add(cells.Count);
        var usual = widths.CountBy(width => width).OrderByDescending(of => of.Value).ThenByDescending(of => of.Key).FirstOrDefault();
        return usual.Key < 2 ? 0 : (double)usual.Value / widths.Count + Math.Min(usual.Key, 100) / 1000.0;
    });

    private static bool IsEven(string text, char separator)
    {
        var records = new DelimitedText(text, separator, hasQuotes: false);
        var width = records.Next()?.Count ?? 0;
        while (records.Next() is { } cells)
            if (cells.Count != width)
                return false;
        return true;
    }

    private static bool IsHeader(List<string[]> rows) =>
        rows.Count > 1 && rows[0].All(cell => !string.IsNullOrWhiteSpace(cell)
            && !CellTexts.IsMissing(cell, CellTexts.MissingMarkers)
            && CellTexts.Number(cell) is null
            && CellTexts.DecimalComma(cell) is null)
        || rows.Count > 1 && rows[0].Skip(1).All(cell => CellTexts.Number(cell) is null && cell.Trim().Length > 0) && string.IsNullOrWhiteSpace(rows[0][0]);

    private static List<string> Names(string[] cells, List<string> notes)
    {
        List<string> names = [];
        foreach (var (place, cell) in cells.Index())
        {
            var name = cell.Trim();
            if (name.Length == 0)
                name = $"column{place + 1}";
            var unique = name;
            for (var number = 2; names.Contains(unique, StringComparer.Ordinal); number++)
                unique = $"{name}_{number}";
            if (unique != name)
                notes.Add($"The column name '{name}' is there twice: the second is '{unique}'.");
            names.Add(unique);
        }
        return names;
    }

    private static List<string?[]> Fit(IEnumerable<string[]> rows, IEnumerable<int> lines, int width, string path, List<string> notes)
    {
        List<string?[]> fitting = [];
        var (ragged, first, cellsOfFirst) = (0, 0, 0);
        foreach (var (row, line) in rows.Zip(lines))
        {
            // Spreadsheets end lines with separators.
            if (row.Length == width || row.Length > width && row.AsSpan(width).IndexOfAnyExcept("") < 0)
            {
                fitting.Add(row[..width]);
                continue;
            }
            if (ragged++ == 0)
                (first, cellsOfFirst) = (line, row.Length);
        }
        if (ragged > Math.Max(1, MostRagged * (fitting.Count + ragged)))
            throw new InvalidDataException($"{ragged} of {fitting.Count + ragged} rows of '{path}' have another number of cells than the {width} columns, "
                + $"line {first} has {cellsOfFirst}: is --separator right?");
        if (ragged > 0)
            notes.Add($"{ragged} {(ragged == 1 ? "row has" : "rows have")} another number of cells than the {width} columns (line {first} has "
                + $"{cellsOfFirst}): left out.");
        return fitting;
    }
}
