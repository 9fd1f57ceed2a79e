using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Charts;

/// <summary>Reliability diagrams: share of hard rows over the predicted probability, one dot per bin, its area the number of rows.</summary>
internal static class ReliabilityChart
{
    private const double Left = 52, Top = 44, Side = 240, LargestDot = 11;

    public static void WriteAll(HtmlWriter html, StudyResult study)
    {
        if (study.Unlearners.All(unlearner => unlearner.Evaluation.Calibration is null))
            return;

        html.Raw("<h2>Calibration</h2>\n<p class=\"note\">Of the rows predicted to be hard with some probability, the share that is: on the diagonal, "
            + "probabilities mean what they say. A dot's area is its number of rows.</p>\n<div class=\"charts\">\n");
        for (var i = 0; i < study.Unlearners.Count; i++)
        {
            if (study.Unlearners[i].Evaluation.Calibration is { } calibration)
                Write(html, study.Unlearners[i].Name, calibration, i);
        }

        html.Raw("</div>\n");
    }

    private static void Write(HtmlWriter html, string name, Calibration calibration, int place)
    {
        var description = string.Join("; ", calibration.Bins.Select(bin =>
            $"{Figures.Plural(bin.Rows, "row", "rows")} predicted {Figures.Format(bin.Predicted, "0.00")}, observed {Figures.Format(bin.Observed, "0.00")}"));
        using var svg = new Svg(html, Left + Side + 14, Top + Side + 46, $"Calibration of {name}", description);
        html.Line(
            $"""<text class="name" x="{Left}" y="14">{name}</text>"""
            + $"""<text class="label" x="{Left}" y="32">calibration error {calibration.ExpectedCalibrationError:0.000}, """
            + $"""Brier {calibration.Brier:0.000}</text>""");
        foreach (var tick in (double[])[0, 0.25, 0.5, 0.75, 1])
            html.Line(
                $"""<path class="grid" d="M{X(tick)} {Y(0)}V{Y(1)}M{X(0)} {Y(tick)}H{X(1)}"/>"""
                + $"""<text class="tick middle" x="{X(tick)}" y="{Y(0) + 18}">{tick:0.##}</text>"""
                + $"""<text class="tick end" x="{X(0) - 8}" y="{Y(tick) + 4}">{tick:0.##}</text>""");

        html.Line($"""<path class="chance" d="M{X(0)} {Y(0)}L{X(1)} {Y(1)}"/>""");
        html.Raw($"<path class=\"curve {ReportStyle.Line(place)}\" d=\"");
        for (var i = 0; i < calibration.Bins.Count; i++)
            html.Line($"{(i == 0 ? "M" : "L")}{X(calibration.Bins[i].Predicted)} {Y(calibration.Bins[i].Observed)}");

        html.Raw("\"/>\n");
        var most = calibration.Bins.Max(bin => bin.Rows);
        foreach (var bin in calibration.Bins)
        {
            var radius = Math.Max(2.5, LargestDot * Math.Sqrt((double)bin.Rows / most));
            html.Line($"""<circle class="point f{Figures.Count(place % ReportStyle.Colors)}" cx="{X(bin.Predicted)}" cy="{Y(bin.Observed)}" r="{radius}"/>""");
        }

        html.Line($"""<text class="axis middle" x="{X(0.5)}" y="{Y(0) + 40}">predicted probability of being hard</text>"""
            + $"""<text class="axis middle" transform="translate(14 {Y(0.5)}) rotate(-90)">share that is hard</text>""");
    }

    private static double X(double share) => Left + Side * share;

    private static double Y(double share) => Top + Side * (1 - share);
}
