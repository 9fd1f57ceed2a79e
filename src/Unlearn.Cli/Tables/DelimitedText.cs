using System.Text;

namespace Unlearn.Cli.Tables;

/// <summary>Splits text into records of cells after RFC 4180, with any separator: quoted cells hold separators, line breaks, and doubled quotes.</summary>
/// <param name="text">The text.</param>
/// <param name="separator">Between cells.</param>
/// <param name="hasQuotes">Whether quotes mean anything.</param>
internal sealed class DelimitedText(string text, char separator, bool hasQuotes)
{
    private int _place;
    private int _line = 1;

    /// <summary>Line of the latest record's beginning, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Line of a quote that is never closed; 0 if there is none.</summary>
    public int UnclosedQuote { get; private set; }

    /// <summary>The next record, empty lines left out; <see langword="null"/> at the end.</summary>
    public List<string>? Next()
    {
        while (_place < text.Length && text[_place] is '\r' or '\n')
            EndLine();
        if (_place >= text.Length)
            return null;
        Line = _line;
        List<string> cells = [];
        while (true)
        {
            cells.Add(hasQuotes && _place < text.Length && text[_place] == '"' && Quoted() is { } quoted ? quoted : Plain());
            if (_place >= text.Length)
                return cells;
            if (text[_place] != separator)
            {
                EndLine();
                return cells;
            }
            _place++;
        }
    }

    private string Plain()
    {
        var start = _place;
        while (_place < text.Length && text[_place] != separator && text[_place] is not ('\r' or '\n'))
            _place++;
        return text[start.._place];
    }

    // A quote that does not end a cell, as in ["So" he said], is a letter like others.
    private string? Quoted()
    {
        var cell = new StringBuilder();
        var line = _line;
        for (var i = _place + 1; i < text.Length; i++)
        {
            if (text[i] != '"')
            {
                line += text[i] == '\n' || text[i] == '\r' && (i + 1 >= text.Length || text[i + 1] != '\n') ? 1 : 0;
                cell.Append(text[i]);
                continue;
            }
            if (i + 1 < text.Length && text[i + 1] == '"')
            {
                cell.Append('"');
                i++;
                continue;
            }
            if (i + 1 < text.Length && text[i + 1] != separator && text[i + 1] is not ('\r' or '\n'))
                return null;
            (_place, _line) = (i + 1, line);
            return cell.ToString();
        }
        UnclosedQuote = UnclosedQuote == 0 ? _line : UnclosedQuote;
        return null;
    }

    private void EndLine()
    {
        if (text[_place] == '\r' && _place + 1 < text.Length && text[_place + 1] == '\n')
            _place++;
        _place++;
        _line++;
    }
}
