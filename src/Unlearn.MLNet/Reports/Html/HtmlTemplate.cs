using System.Runtime.CompilerServices;

namespace Unlearn.MLNet.Reports.Html;

/// <summary>Makes the compiler write an interpolated string's parts into an <see cref="HtmlWriter"/>: literals as markup, holes as text.</summary>
[InterpolatedStringHandler]
internal readonly struct HtmlTemplate
{
    private readonly HtmlWriter _html;

    public HtmlTemplate(int literalLength, int holes, HtmlWriter html)
    {
        _ = (literalLength, holes);
        _html = html;
    }

    public void AppendLiteral(string markup) => _html.Raw(markup);

    public void AppendFormatted(string? text) => _html.Text(text);

    public void AppendFormatted(double coordinate) => _html.Coordinate(coordinate);

    public void AppendFormatted(double value, string format) => _html.Text(Figures.Format(value, format));
}
