using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Charts;

/// <summary>AUC of each unlearner on its interval, with its ceiling, the loss alone and the target that the interval should be above.</summary>
internal static class AucChart
{
    private const double LeastLeft = 96, Right = 24, Top = 16, Width = 460, LineHeight = 30, LetterWidth = 7.5, Gap = 14;

    public static void Write(HtmlWriter html, StudyResult study)
    {
        double[] figures = [.. study.Unlearners
            .SelectMany(u => (double[])[u.Evaluation.Auc.Low, u.Evaluation.Ceiling.Value, u.Evaluation.LossAuc])
            .Where(figure => !double.IsNaN(figure))];
        var low = figures.Select(figure => Math.Floor(figure * 10) / 10).Append(0.5).Min();
        var left = Math.Max(LeastLeft, study.Unlearners.Max(u => u.Name.Length) * LetterWidth + 2 * Gap);
        var bottom = Top + study.Unlearners.Count * LineHeight;
        using var svg = new Svg(html, left + Width + Right, bottom + 72, $"How well hardness can be predicted: {study.Title}",
            string.Join("; ", study.Unlearners.Select(Describe)));
        foreach (var tick in Ticks.Between(low, 1, 5).Values)
            html.Line($"""<path class="grid" d="M{X(tick)} {Top}V{bottom}"/><text class="tick middle" x="{X(tick)}" y="{bottom + 18}">{tick:0.0}</text>""");

        if (study.Unlearners.SelectMany(u => u.Evaluation.Verdicts).FirstOrDefault(verdict => verdict.Criterion == VerdictCriterion.AucInterval) is { } verdict)
            html.Line($"""<path class="chance" d="M{X(verdict.Target)} {Top}V{bottom}"/>"""
                + $"""<text class="tick middle" x="{X(verdict.Target)}" y="{Top - 4}">{verdict.Target:0.##}</text>""");

        for (var i = 0; i < study.Unlearners.Count; i++)
        {
            var evaluation = study.Unlearners[i].Evaluation;
            var y = Top + (i + 0.5) * LineHeight;
            html.Line($"""<text class="end" x="{left - Gap}" y="{y + 4}">{study.Unlearners[i].Name}</text>""");
            if (!double.IsNaN(evaluation.Auc.Low))
                html.Line($"""<path class="interval c{i % ReportStyle.Colors}" d="M{X(evaluation.Auc.Low)} {y}H{X(evaluation.Auc.High)}"/>""");

            Mark(evaluation.Auc.Value, y, IntervalBar.MarkAuc);
            Mark(evaluation.Ceiling.Value, y, IntervalBar.MarkCeiling);
            Mark(evaluation.LossAuc, y, IntervalBar.MarkLoss);
        }

        (string Mark, string Meaning)[] key =
        [
            (IntervalBar.MarkAuc, "AUC on its 95 % interval"),
            (IntervalBar.MarkCeiling, "ceiling"),
            (IntervalBar.MarkLoss, "loss alone"),
        ];
        var x = left;
        foreach (var (mark, meaning) in key)
        {
            html.Line($"""<g transform="translate({x} {bottom + 46})">""");
            html.Raw($"{mark}</g>\n");
            html.Line($"""<text class="tick" x="{x + 12}" y="{bottom + 50}">{meaning}</text>""");
            x += 48 + 6.5 * meaning.Length;
        }

        double X(double auc) => left + Width * (auc - low) / (1 - low);

        void Mark(double auc, double y, string mark)
        {
            if (double.IsNaN(auc))
                return;

            html.Line($"""<g transform="translate({X(auc)} {y})">""");
            html.Raw($"{mark}</g>\n");
        }
    }

    private static string Describe(UnlearnerResult unlearner) =>
        $"{unlearner.Name}: AUC {Figures.Format(unlearner.Evaluation.Auc.Value, "0.000")}, "
        + $"ceiling {Figures.Format(unlearner.Evaluation.Ceiling.Value, "0.000")}, loss alone {Figures.Format(unlearner.Evaluation.LossAuc, "0.000")}";
}
