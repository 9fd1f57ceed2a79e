using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Charts;

/// <summary>A small bar in a table's cell: the AUC and its interval, with marks for the ceiling and for the loss alone.</summary>
internal sealed class IntervalBar
{
    private const double Width = 170, Height = 22, Margin = 7, Middle = Height / 2;

    internal const string MarkAuc = """<circle class="dot" r="2.5"/>""";

    internal const string MarkCeiling = """<path class="ceiling" d="M0 -8v16"/>""";

    internal const string MarkLoss = """<path class="baseline" d="M-4 0L0 -4L4 0L0 4Z"/>""";

    private readonly double _low;

    /// <summary>Makes bars on one scale: from 0.5, or lower where a figure is, to 1.</summary>
    public IntervalBar(IEnumerable<UnlearnerResult> unlearners) => _low = unlearners
        .SelectMany(u => (double[])[u.Evaluation.Auc.Value, u.Evaluation.Auc.Low, u.Evaluation.Ceiling.Value, u.Evaluation.LossAuc])
        .Where(v => !double.IsNaN(v)).Select(v => Math.Floor(v * 10) / 10).Append(0.5).Min();

    /// <summary>The scale, for the column's heading.</summary>
    public void WriteScale(HtmlWriter html)
    {
        using var svg = new Svg(html, Width, 14, "Scale", $"From {Figures.Format(_low, "0.0")} to 1", 1);
        html.Line(
            $"""<text class="tick" x="{Margin - 6}" y="11">{_low:0.0}</text>"""
            + $"""<text class="tick middle" x="{X((1 + _low) / 2)}" y="11">{(1 + _low) / 2:0.0#}</text>"""
            + $"""<text class="tick end" x="{Width - 2}" y="11">1.0</text>""");
    }

    /// <summary>The bar of one evaluation.</summary>
    public void Write(HtmlWriter html, HardnessEvaluation evaluation, int place)
    {
        var (auc, low, high) = (evaluation.Auc.Value, evaluation.Auc.Low, evaluation.Auc.High);
        var description = $"AUC {Figures.Format(auc, "0.000")}, interval {Figures.Format(low, "0.000")} to {Figures.Format(high, "0.000")}, "
            + $"ceiling {Figures.Format(evaluation.Ceiling.Value, "0.000")}, loss alone {Figures.Format(evaluation.LossAuc, "0.000")}";
        using var svg = new Svg(html, Width, Height, "AUC", description, 1);
        html.Line($"""<path class="grid" d="M{Margin} {Middle}H{Width - Margin}M{X((1 + _low) / 2)} {Middle - 3}v6"/>""");
        if (!double.IsNaN(low + high))
            html.Line($"""<path class="interval c{place % ReportStyle.Colors}" d="M{X(low)} {Middle}H{X(high)}"/>""");

        WriteMark(html, auc, MarkAuc);
        WriteMark(html, evaluation.Ceiling.Value, MarkCeiling);
        WriteMark(html, evaluation.LossAuc, MarkLoss);
    }

    /// <summary>What the marks mean, for the table's caption.</summary>
    public static void WriteKey(HtmlWriter html)
    {
        html.Raw("<p class=\"key\">");
        foreach (var (mark, meaning) in ((string, string)[])[(MarkAuc, "AUC on its 95 % interval"), (MarkCeiling, "ceiling"), (MarkLoss, "loss alone")])
        {
            html.Raw($"<span><svg class=\"mark\" viewBox=\"0 0 16 {Height}\" aria-hidden=\"true\"><g transform=\"translate(8 {Middle})\">{mark}</g></svg>");
            html.Line($"{meaning}</span>");
        }

        html.Raw("</p>\n");
    }

    private void WriteMark(HtmlWriter html, double value, string mark)
    {
        if (!double.IsNaN(value))
        {
            html.Line($"""<g transform="translate({X(value)} {Middle})">""");
            html.Raw(mark);
            html.Raw("</g>\n");
        }
    }

    private double X(double auc) => Margin + (Width - 2 * Margin) * (auc - _low) / (1 - _low);
}
