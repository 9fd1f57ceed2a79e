using System.Globalization;
using System.Text;

namespace Unlearn.MLNet.Reports.Html;

/// <summary>
/// Builds HTML from interpolated strings. The literal parts are markup; what is put into the holes is escaped, so that no text of a study can
/// become markup. Numbers with a format are figures for people (an undefined one is a dash), those without are coordinates.
/// </summary>
internal sealed class HtmlWriter
{
    private const int ControlPictures = 0x2400;
    private const int Delete = 0x7F;
    private const int FirstPrintable = 0xA0;

    private readonly StringBuilder _text = new();
    private int _ids;

    /// <summary>Whether the text is a chart in a file of its own and not a page.</summary>
    public bool IsChartFile { get; init; }

    /// <summary>A number for ids, unique within the page.</summary>
    public int NextId() => ++_ids;

    /// <summary>Writes markup as it is, but with the line ends of one platform on all.</summary>
    public void Raw(string markup) => _text.Append(markup.ReplaceLineEndings("\n"));

    /// <summary>Writes a template, followed by a line end.</summary>
#pragma warning disable CA1822, IDE0060 // The handler writes into this instance while it is being built.
    public void Line([System.Runtime.CompilerServices.InterpolatedStringHandlerArgument("")] HtmlTemplate template) => _text.Append('\n');
#pragma warning restore CA1822, IDE0060

    /// <summary>
    /// Writes escaped text. A character that no HTML or XML document may hold is shown by its symbol: a control character by its picture, another one
    /// by the replacement character.
    /// </summary>
    public void Text(string? text)
    {
        foreach (var rune in (text ?? string.Empty).EnumerateRunes())
            _ = rune.Value switch
            {
                '&' => _text.Append("&amp;"),
                '<' => _text.Append("&lt;"),
                '>' => _text.Append("&gt;"),
                '"' => _text.Append("&quot;"),
                '\'' => _text.Append("&#39;"),
                '\t' or '\n' or '\r' => _text.Append((char)rune.Value),
                < ' ' => _text.Append((char)(ControlPictures + rune.Value)),
                >= Delete and < FirstPrintable => _text.Append('\uFFFD'),
                var value when (value & 0xFFFE) == 0xFFFE || value is >= 0xFDD0 and <= 0xFDEF => _text.Append('\uFFFD'),
                _ => _text.Append(rune.ToString()),
            };
    }

    /// <summary>Writes a coordinate.</summary>
    public void Coordinate(double value) => _text.Append(value.ToString("0.##", CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
