using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Charts;

/// <summary>How an unlearner's hardness scores are distributed, with the threshold of the label.</summary>
internal static class Histogram
{
    private const double Left = 48, Top = 52, PlotWidth = 280, PlotHeight = 150;

    private const int Bins = 36;

    public static void Write(HtmlWriter html, UnlearnerResult unlearner)
    {
        double[] scores = [.. unlearner.Scores.Where(double.IsFinite)];
        var (threshold, share) = (unlearner.HardFrom(), Figures.Percent(unlearner.HardShare()));
        var description = scores.Length == 0
            ? "No row has a score."
            : $"{Figures.Plural(scores.Length, "score", "scores")} from {Figures.Format(scores.Min(), "0.000")} to {Figures.Format(scores.Max(), "0.000")}; "
            + $"the hardest {share} are at least {Figures.Format(threshold, "0.000")}.";
        using var svg = new Svg(html, Left + PlotWidth + 14, Top + PlotHeight + 46, $"Hardness scores of {unlearner.Name}", description);
        html.Line($"""<text class="name" x="{Left}" y="14">{unlearner.Name}</text>""");
        if (scores.Length == 0)
        {
            html.Line($"""<text class="tick" x="{Left}" y="{Top + 20}">no row has a score</text>""");
            return;
        }

        // Bins are counted from the threshold, so that none holds hard and easy rows both.
        var width = Math.Max((scores.Max() - scores.Min()) / Bins, 1e-9 * Math.Max(1, scores.Max(Math.Abs)));
        var origin = double.IsFinite(threshold) ? threshold : scores.Min();
        var counts = scores.CountBy(score => (int)Math.Floor((score - origin) / width)).OrderBy(bin => bin.Key).ToArray();
        var (low, high) = (origin + counts[0].Key * width, origin + (counts[^1].Key + 1) * width);
        var most = counts.Max(bin => bin.Value);
        WriteAxes(html, low, high, most);
        foreach (var (bin, count) in counts)
        {
            var (x, y) = (X(origin + bin * width), Y(count));
            var hard = bin >= 0 && double.IsFinite(threshold) ? "hard" : "easy";
            html.Line($"""<rect class="{hard}" x="{x + 0.4}" y="{y}" width="{X(origin + (bin + 1) * width) - x - 0.8}" height="{Y(0) - y}"/>""");
        }

        if (double.IsFinite(threshold))
        {
            html.Line($"""<path class="threshold" d="M{X(threshold)} {Y(0)}V{Top - 8}"/>""");
            html.Line($"""<text class="label" x="{Left}" y="34">hardest {share}: {threshold:0.000} and above</text>""");
        }

        double X(double score) => Left + PlotWidth * (score - low) / (high - low);

        double Y(double count) => Top + PlotHeight * (1 - Math.Sqrt(count / most));
    }

    private static void WriteAxes(HtmlWriter html, double low, double high, int most)
    {
        // Ticks of a square-root scale: a quarter of the count is half the height.
        foreach (var count in ((int[])[0, Round(most / 9.0), Round(most * 4 / 9.0), Round(most)]).Distinct())
        {
            var y = Top + PlotHeight * (1 - Math.Sqrt((double)count / most));
            html.Line($"""<path class="grid" d="M{Left} {y}h{PlotWidth}"/><text class="tick end" x="{Left - 6}" y="{y + 4}">{Figures.Count(count)}</text>""");
        }

        var (ticks, format) = Ticks.Between(low, high, 5);
        foreach (var tick in ticks)
        {
            var x = Left + PlotWidth * (tick - low) / (high - low);
            html.Line($"""<path class="grid" d="M{x} {Top + PlotHeight}v4"/>"""
                + $"""<text class="tick middle" x="{x}" y="{Top + PlotHeight + 18}">{Figures.Format(tick, format)}</text>""");
        }

        html.Line($"""<text class="axis middle" x="{Left + PlotWidth / 2}" y="{Top + PlotHeight + 40}">hardness score</text>""");
        html.Line($"""<text class="axis middle" transform="translate(10 {Top + PlotHeight / 2}) rotate(-90)">rows (square-root scale)</text>""");
    }

    // Down to one significant digit, so that the tick is a round number within the plot.
    private static int Round(double count)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, count))));
        return (int)(Math.Floor(count / power) * power);
    }
}
