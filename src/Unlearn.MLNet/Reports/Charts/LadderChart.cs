using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Charts;

/// <summary>The ladder of one unlearner's calibration: undone share and lost accuracy over the strength, which has a logarithmic axis.</summary>
internal static class LadderChart
{
    private const double Left = 52, Top = 44, Width = 300, ShareHeight = 170, LossTop = Top + ShareHeight + 26, LossHeight = 80;
    private const double LargestShare = 2, SmallestShare = -0.5;

    public static void Write(HtmlWriter html, UnlearnerCalibration calibration, int place)
    {
        var rungs = calibration.Rungs.Where(rung => rung.Failure is null).ToArray();
        var (first, last) = (Math.Log2(calibration.Rungs[0].Strength) - 0.5, Math.Log2(calibration.Rungs[^1].Strength) + 0.5);
        var high = Math.Max(1.25, rungs.Select(rung => Shown(rung.UndoneShare)).DefaultIfEmpty(0).Max());
        var low = Math.Min(0, rungs.Select(rung => Shown(rung.UndoneShare)).DefaultIfEmpty(0).Min());
        var budget = calibration.Options.AccuracyBudget;
        var (leastLoss, mostLoss) =
            (Math.Min(0, rungs.Select(ShownLoss).DefaultIfEmpty(0).Min()), Math.Max(1.5 * budget, rungs.Select(ShownLoss).DefaultIfEmpty(0).Max()));
        if (mostLoss - leastLoss <= 0)
            mostLoss = leastLoss + 0.01;

        var description = string.Join("; ", calibration.Rungs.Select(rung => rung.Failure is null
            ? $"strength {Figures.Format(rung.Strength, "0.###")}: undone share {Figures.Format(rung.UndoneShare, "0.00")}, "
            + $"{Figures.Format(100 * rung.AccuracyLoss, "0.0")} points lost"
            : $"strength {Figures.Format(rung.Strength, "0.###")}: failed"));
        using var svg = new Svg(html, Left + Width + 14, LossTop + LossHeight + 46, $"Strengths of {calibration.Unlearner}", description);
        html.Line(
            $"""<text class="name" x="{Left}" y="14">{calibration.Unlearner}</text><text class="label" x="{Left}" y="32">{Heading(calibration)}</text>""");
        var (top, bottom) = (Y(calibration.Options.LargestUndoneShare), Y(calibration.Options.LeastUndoneShare));
        html.Line($"""<rect class="band" x="{Left}" y="{top}" width="{Width}" height="{bottom - top}"/>""");
        html.Line($"""<rect class="band" x="{Left}" y="{L(budget)}" width="{Width}" height="{L(leastLoss) - L(budget)}"/>""");
        foreach (var tick in Ticks.Between(low, high, 4).Values)
            html.Line($"""<path class="grid" d="M{Left} {Y(tick)}h{Width}"/><text class="tick end" x="{Left - 8}" y="{Y(tick) + 4}">{tick:0.##}</text>""");

        foreach (var tick in Ticks.Between(100 * leastLoss, 100 * mostLoss, 2).Values)
            html.Line($"""<path class="grid" d="M{Left} {L(tick / 100)}h{Width}"/>"""
                + $"""<text class="tick end" x="{Left - 8}" y="{L(tick / 100) + 4}">{tick:0.##}</text>""");

        var step = Math.Max(1, Math.Ceiling((last - first) / 8));
        for (var power = Math.Ceiling(first); power <= last; power += step)
            html.Line($"""<path class="grid" d="M{X(Math.Pow(2, power))} {Top}v{ShareHeight}M{X(Math.Pow(2, power))} {LossTop}v{LossHeight}"/>"""
                + $"""<text class="tick middle" x="{X(Math.Pow(2, power))}" y="{LossTop + LossHeight + 18}">{Strength(power)}</text>""");

        WriteCurve(rung => Y(Shown(rung.UndoneShare)));
        WriteCurve(rung => L(ShownLoss(rung)));
        foreach (var rung in calibration.Rungs)
        {
            if (rung.Failure is not null)
            {
                html.Line($"""<path class="ceiling" d="M{X(rung.Strength) - 5} {Top + ShareHeight - 11}l10 10m0 -10l-10 10"/>""");
                continue;
            }

            var isChosen = rung.Strength == calibration.Strength;
            foreach (var y in (double[])[Y(Shown(rung.UndoneShare)), L(ShownLoss(rung))])
            {
                html.Line($"""<circle class="point f{Figures.Count(place % ReportStyle.Colors)}" cx="{X(rung.Strength)}" cy="{y}" r="4"/>""");
                if (isChosen)
                    html.Line($"""<circle class="ring" cx="{X(rung.Strength)}" cy="{y}" r="8"/>""");
            }
        }

        html.Line($"""<text class="axis middle" x="{Left + Width / 2}" y="{LossTop + LossHeight + 40}">strength</text>"""
            + $"""<text class="axis middle" transform="translate(14 {Top + ShareHeight / 2}) rotate(-90)">undone share</text>""");
        html.Line($"""<text class="axis middle" transform="translate(14 {LossTop + LossHeight / 2}) rotate(-90)">points lost</text>""");

        void WriteCurve(Func<CalibrationRung, double> y)
        {
            if (rungs.Length < 2)
                return;

            html.Raw($"<path class=\"curve {ReportStyle.Line(place)}\" d=\"");
            for (var i = 0; i < rungs.Length; i++)
                html.Line($"{(i == 0 ? "M" : "L")}{X(rungs[i].Strength)} {y(rungs[i])}");

            html.Raw("\"/>\n");
        }

        double X(double strength) => Left + Width * (Math.Log2(strength) - first) / (last - first);

        double Y(double share) => Top + ShareHeight * (high - share) / (high - low);

        double L(double loss) => LossTop + LossHeight * (mostLoss - loss) / (mostLoss - leastLoss);

        double ShownLoss(CalibrationRung rung) => Math.Min(rung.AccuracyLoss, Math.Max(5 * budget, 0.05));
    }

    private static string Heading(UnlearnerCalibration calibration) => calibration.Chosen is { Failure: null } chosen
        ? $"strength {Figures.Format(chosen.Strength, "0.###")}: undone {Figures.Format(chosen.UndoneShare, "0.00")}, on fresh sets "
            + Figures.Format(calibration.UndoneShare, "0.00")
        : "own options";

    // What lies far outside is drawn at the edge.
    private static double Shown(double share) => Math.Clamp(share, SmallestShare, LargestShare);

    private static string Strength(double power) => power >= 0 ? Figures.Format(Math.Pow(2, power), "0") : $"1/{Figures.Format(Math.Pow(2, -power), "0")}";
}
