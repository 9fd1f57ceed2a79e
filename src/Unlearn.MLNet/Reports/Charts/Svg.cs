using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Charts;

/// <summary>An SVG element with a title and a description for screen readers; closed when disposed.</summary>
internal readonly struct Svg : IDisposable
{
    private readonly HtmlWriter _html;

    /// <summary>Opens a chart that scales with the page between a share of its natural width and that width.</summary>
    public Svg(HtmlWriter html, double width, double height, string title, string description, double leastScale = 0)
    {
        _html = html;
        var id = html.NextId();
        if (html.IsChartFile)
            html.Line($"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} """
                + $"""{height}" role="img" aria-labeledby="t{id} d{id}">""");
        else
            html.Line($"""<svg viewBox="0 0 {width} """
                + $"""{height}" style="max-width:{width}px;min-width:{width * leastScale}px" role="img" aria-labeledby="t{id} d{id}">""");

        html.Line($"""<title id="t{id}">{title}</title><desc id="d{id}">{description}</desc>""");
        if (html.IsChartFile)
            html.Raw($"<style>\n{ReportStyle.ChartCss}\n</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
    }

    public void Dispose() => _html.Raw("</svg>\n");
}
