using System.Globalization;
using System.Text;

namespace Unlearn.MLNet.Reports;

/// <summary>
/// Texts as cells of CSV files after RFC 4180, and back. A text that a spreadsheet would take for a formula gets an apostrophe in front: one that
/// begins with = + - @, a tab or a carriage return and is no number. A text that begins with an apostrophe gets another one, so that reading takes
/// away just what writing has added.
/// </summary>
internal static class CsvText
{
    private const char Apostrophe = '\'';

    /// <summary>The cell of a text.</summary>
    /// <param name="text">The text. Half a surrogate pair, which UTF-8 cannot hold, becomes its code: two ids never become one.</param>
    public static string Cell(string text)
    {
        var cell = Pairs(text);
        if (cell.Length > 0
            && (cell[0] == Apostrophe || "=+-@\t\r".Contains(cell[0]) && !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
            cell = Apostrophe + cell;
        return cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
    }

    /// <summary>The texts of a file that was written by <see cref="Cell"/>, line by line.</summary>
    /// <param name="content">The file's text.</param>
    /// <exception cref="FormatException">A quoted cell has no end.</exception>
    public static IEnumerable<string[]> Read(string content)
    {
        List<string> line = [];
        for (var at = 0; at < content.Length;)
        {
            line.Add(Next(content, ref at));
            if (at == content.Length || content[at++] == '\n')
            {
                yield return [.. line];
                line.Clear();
            }
        }
    }

    // The position is then that of the comma or line end behind the cell, or the end of the text.
    private static string Next(string content, ref int at)
    {
        var cell = new StringBuilder();
        if (content[at] == '"')
        {
            for (at++; ; at++)
            {
                if (at == content.Length)
                    throw new FormatException("A quoted cell of the CSV file has no end: the file is cut off.");
                if (content[at] != '"')
                    cell.Append(content[at]);
                else if (at + 1 < content.Length && content[at + 1] == '"')
                    cell.Append(content[++at]);
                else
                    break;
            }
            at++;
        }
        while (at < content.Length && content[at] is not (',' or '\n'))
            cell.Append(content[at++]);
        return cell.Length > 0 && cell[0] == Apostrophe ? cell.ToString(1, cell.Length - 1) : cell.ToString();
    }

    private static string Pairs(string text)
    {
        if (!text.Any(char.IsSurrogate))
            return text;
        var whole = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                whole.Append(text, i++, 2);
            else
                _ = char.IsSurrogate(text[i]) ? whole.Append(Invariant($"\\u{(int)text[i]:X4}")) : whole.Append(text[i]);
        return whole.ToString();
    }
}
