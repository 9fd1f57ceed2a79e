using Unlearn.MLNet.Reports.Charts;
using Unlearn.MLNet.Reports.Html;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>Every policy by what it costs, on a logarithmic scale, and what remains of the erased rows.</summary>
internal static class CostChart
{
    private const double Left = 60, Top = 20, Width = 460, Height = 320, KeyLeft = 24, KeyWidth = 230, LineHeight = 21, Radius = 10;
    private const int Colors = 6;

    public static void Write(HtmlWriter html, ValueResult result)
    {
        var policies = result.Policies;
        double[] costs = [.. policies.Select(policy => Math.Max(policy.Seconds, 1e-3))];
        double[] memories = [.. policies.Select(policy => policy.Memories.Average())];
        var (low, high) = (Math.Floor(Math.Log10(costs.Min()) * 2) / 2 - 0.1, Math.Log10(costs.Max()) + 0.15);
        var top = memories.Max() * 1.15 + 0.01;
        var bottom = Top + Height;
        using var svg = new Svg(html, Left + Width + KeyLeft + KeyWidth, Math.Max(bottom + 56, Top + policies.Count * LineHeight + 16),
            $"What erasure policies cost and what remains: {result.Title}",
            string.Join("; ", policies.Select(policy => Invariant($"{policy.Policy}: {policy.Seconds:0.0} s, memory {policy.Memories.Average():0.00}"))));
        var (ticks, format) = Ticks.Between(0, top, 5);
        foreach (var tick in ticks)
            html.Line($"""<path class="grid" d="M{Left} {Y(tick)}H{Left + Width}"/>"""
                + $"""<text class="tick end" x="{Left - 8}" y="{Y(tick) + 4}">{Text(tick, format)}</text>""");
        for (var power = (int)Math.Ceiling(low); power <= high; power++)
            html.Line($"""<path class="grid" d="M{X(power)} {Top}V{bottom}"/>"""
                + $"""<text class="tick middle" x="{X(power)}" y="{bottom + 18}">{Text(Math.Pow(10, power), "0.###")}</text>""");
        html.Line($"""<text class="axis middle" x="{Left + Width / 2}" y="{bottom + 42}">processor seconds, without set-up</text>""");
        html.Line($"""<text class="axis middle" transform="translate(16 {Top + Height / 2}) rotate(-90)">mean residual memory of erased rows</text>""");
        for (var i = 0; i < policies.Count; i++)
        {
            Mark(i, X(Math.Log10(costs[i])), Y(memories[i]));
            var y = Top + (i + 0.5) * LineHeight;
            Mark(i, Left + Width + KeyLeft + Radius, y);
            html.Line($"""<text class="tick" x="{Left + Width + KeyLeft + 2 * Radius + 8}" y="{y + 4}">{policies[i].Policy}</text>""");
        }

        double X(double logarithm) => Left + Width * (logarithm - low) / (high - low);

        double Y(double memory) => bottom - Height * memory / top;

        void Mark(int i, double x, double y)
        {
            html.Line($"""<circle class="point f{i % Colors}" cx="{x}" cy="{y}" r="{Radius}"/>""");
            html.Line($"""<text class="on middle" x="{x}" y="{y + 4}">{i + 1}</text>""");
        }
    }

    private static string Text(double value, string format) => value.ToString(format, System.Globalization.CultureInfo.InvariantCulture);
}
