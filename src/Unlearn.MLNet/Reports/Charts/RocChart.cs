using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Charts;

/// <summary>ROC curves of the hardness models, one per unlearner, over the diagonal of chance.</summary>
internal static class RocChart
{
    private const double Left = 52, Top = 14, Side = 380;

    public static void Write(HtmlWriter html, StudyResult study)
    {
        var description = string.Join("; ", study.Unlearners.Select(u => $"{u.Name}: AUC {Figures.Format(u.Evaluation.Auc.Value, "0.000")}"));
        using var svg = new Svg(html, Left + Side + 14, Top + Side + 48, "ROC curves of the hardness models", description);
        WriteAxes(html);
        foreach (var (unlearner, place) in study.Unlearners.Select((u, i) => (u, i)))
        {
            var points = unlearner.Evaluation.Roc;
            if (points.Count == 0)
                continue;

            html.Raw("<path class=\"curve ");
            html.Line($"{ReportStyle.Line(place)}\" d=\"M{X(points[0].FalsePositiveRate)} {Y(points[0].TruePositiveRate)}");
            for (var i = 1; i < points.Count; i++)
                html.Line($"L{X(points[i].FalsePositiveRate)} {Y(points[i].TruePositiveRate)}");

            html.Raw("\"/>\n");
        }

        WriteLabels(html, study);
    }

    private static void WriteAxes(HtmlWriter html)
    {
        foreach (var tick in (double[])[0, 0.2, 0.4, 0.6, 0.8, 1])
        {
            html.Line($"""<path class="grid" d="M{X(tick)} {Y(0)}V{Y(1)}M{X(0)} {Y(tick)}H{X(1)}"/>""");
            html.Line($"""<text class="tick middle" x="{X(tick)}" y="{Y(0) + 18}">{tick:0.0}</text>""");
            html.Line($"""<text class="tick end" x="{X(0) - 8}" y="{Y(tick) + 4}">{tick:0.0}</text>""");
        }

        html.Line($"""<path class="chance" d="M{X(0)} {Y(0)}L{X(1)} {Y(1)}"/>""");
        html.Line($"""<text class="tick middle" transform="translate({X(0.3)} {Y(0.3) + 22}) rotate(-45)">chance</text>""");
        html.Line($"""<text class="axis middle" x="{X(0.5)}" y="{Y(0) + 40}">share of easy rows flagged (false positive rate)</text>""");
        html.Line($"""<text class="axis middle" transform="translate(14 {Y(0.5)}) rotate(-90)">share of hard rows found (true positive rate)</text>""");
    }

    // The corner below the diagonal is always free: the labels stand there, in the order of the curves.
    private static void WriteLabels(HtmlWriter html, StudyResult study)
    {
        var labels = study.Unlearners.Select((u, i) => (u.Name, u.Evaluation.Auc.Value, Line: ReportStyle.Line(i))).OrderByDescending(l => l.Value).ToArray();
        for (var i = 0; i < labels.Length; i++)
        {
            var y = Y(0) - 16 - 18 * (labels.Length - 1 - i);
            html.Line($"""<path class="curve {labels[i].Line}" d="M{X(1) - 175} {y - 4}h18"/>""");
            html.Line($"""<text class="label" x="{X(1) - 151}" y="{y}">{labels[i].Name}</text>"""
                + $"""<text class="label end" x="{X(1) - 10}" y="{y}">{labels[i].Value:0.000}</text>""");
        }
    }

    private static double X(double rate) => Left + Side * rate;

    private static double Y(double rate) => Top + Side * (1 - rate);
}
