using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Charts;

/// <summary>A table of figures as colored cells: orange is above the scale's center, blue below, strength is opacity, the value is printed.</summary>
internal static class HeatMap
{
    private const double LeastCellWidth = 72, CellHeight = 28, Gap = 2, Top = 30, Bottom = 40;

    // Beyond this strength, dark text on a cell reads worse than white.
    private const double WhiteTextFrom = 0.85;

    /// <summary>Writes the map into a page, where it scrolls if it is too wide.</summary>
    public static void WriteScrolling(
        HtmlWriter html, string title, IReadOnlyList<(string Name, string Note)> rows, IReadOnlyList<string> columns, Func<int, int, double> value,
        HeatScale scale)
    {
        html.Raw("<div class=\"scroll\">\n");
        Write(html, title, rows, columns, value, scale);
        html.Raw("</div>\n");
    }

    /// <summary>Writes the map.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="title">Title for screen readers.</param>
    /// <param name="rows">Name of each row, and a note in a quieter color.</param>
    /// <param name="columns">Name of each column.</param>
    /// <param name="value">Figure by row and column; NaN where undefined.</param>
    /// <param name="scale">What the colors stand for.</param>
    public static void Write(
        HtmlWriter html,
        string title,
        IReadOnlyList<(string Name, string Note)> rows,
        IReadOnlyList<string> columns,
        Func<int, int, double> value,
        HeatScale scale)
    {
        var cell = Math.Max(LeastCellWidth, 8 + 8 * columns.Select(name => name.Length).DefaultIfEmpty(0).Max());
        var left = 18 + 8 * rows.Select(r => r.Name.Length + r.Note.Length).DefaultIfEmpty(0).Max();
        var (width, bottom) = (left + Math.Max(columns.Count * cell, 120), Top + rows.Count * CellHeight);
        using var svg = new Svg(
            html, width, bottom + Bottom, title, $"{rows.Count} rows by {columns.Count} columns of {scale.Figures}; each value is printed in its cell.", 0.65);
        for (var c = 0; c < columns.Count; c++)
            html.Line($"""<text class="label middle" x="{left + (c + 0.5) * cell}" y="{Top - 10}">{columns[c]}</text>""");

        for (var r = 0; r < rows.Count; r++)
        {
            html.Line($"""<text class="label end" x="{left - 10}" y="{Middle(r) + 4}">{rows[r].Name} <tspan class="tick">{rows[r].Note}</tspan></text>""");
            for (var c = 0; c < columns.Count; c++)
                WriteCell(html, left + c * cell, Top + r * CellHeight, cell, value(r, c), scale);
        }

        WriteScale(html, left, bottom + 14, scale);
    }

    private static double Middle(int row) => Top + (row + 0.5) * CellHeight;

    private static void WriteCell(HtmlWriter html, double x, double y, double width, double value, HeatScale scale)
    {
        var strength = double.IsNaN(value) ? 0 : Math.Min(1, Math.Abs(value - scale.Center) / scale.Range);
        var text = strength >= WhiteTextFrom ? "on" : "label";
        var sign = value < scale.Center ? "negative" : "positive";
        html.Line($"""<rect class="{sign}" x="{x}" y="{y}" width="{width - Gap}" height="{CellHeight - Gap}" rx="2" fill-opacity="{strength}"/>""");
        html.Line(
            $"""<text class="{text} middle" x="{x + (width - Gap) / 2}" y="{y + (CellHeight - Gap) / 2 + 4}">{Figures.Format(value, scale.Format)}</text>""");
    }

    private static void WriteScale(HtmlWriter html, double left, double y, HeatScale scale)
    {
        const int Steps = 11;
        for (var i = 0; i < Steps; i++)
        {
            var value = 2.0 * i / (Steps - 1) - 1;
            var sign = value < 0 ? "negative" : "positive";
            html.Line($"""<rect class="{sign}" x="{left + i * 10}" y="{y}" width="10" height="8" fill-opacity="{Math.Abs(value)}"/>""");
        }

        html.Line(
            $"""<text class="tick" x="{left}" y="{y + 22}">{scale.Low}</text>"""
            + $"""<text class="tick middle" x="{left + Steps * 5}" y="{y + 22}">{scale.Middle}</text>"""
            + $"""<text class="tick end" x="{left + Steps * 10}" y="{y + 22}">{scale.High}</text>""");
    }
}
