using Unlearn.MLNet.Reports.Charts;
using Unlearn.MLNet.Reports.Html;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>Every policy by what it costs, on a logarithmic scale, and what remains of the erased rows.</summary>
internal static class CostChart
{
    private const double Left = 60, Top = 20, Width = 460, Height = 320, KeyLeft = 24, KeyWidth = 230, LineHeight = 21, Radius = 10;
    private const int Colors = 6;
    private const double Outlier = 4;

    /// <summary>Draws the chart.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="title">Name of the data set.</param>
    /// <param name="policies">The policies: name, processor seconds, mean residual memory.</param>
    public static void Write(HtmlWriter html, string title, IReadOnlyList<(string Name, double Seconds, double Memory)> policies)
    {
        double[] costs = [.. policies.Select(policy => Math.Log10(Math.Max(policy.Seconds, 1e-3)))];
        double[] memories = [.. policies.Select(policy => policy.Memory)];
        var (low, high) = (Math.Floor(costs.Min() * 2) / 2 - 0.1, costs.Max() + 0.15);
        var usual = Outlier * memories.Order().ElementAt(memories.Length / 2);
        var top = memories.Where(memory => memory <= usual).Max() * 1.15 + 0.01; // what lies far above stands at the top, with its value
        var bottom = Top + Height;
        using var svg = new Svg(html, Left + Width + KeyLeft + KeyWidth, Math.Max(bottom + 56, Top + policies.Count * LineHeight + 16),
            $"What erasure policies cost and what remains: {title}",
            string.Join("; ", policies.Select(policy => Invariant($"{policy.Name}: {policy.Seconds:0.0} s, memory {policy.Memory:0.00}"))));
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
            Mark(i, X(costs[i]), Y(memories[i]));
            if (memories[i] > top)
                html.Line($"""<text class="tick" x="{X(costs[i]) + Radius + 4}" y="{Top + 4}">{Text(memories[i], "0.0")}</text>""");
            var y = Top + (i + 0.5) * LineHeight;
            Mark(i, Left + Width + KeyLeft + Radius, y);
            html.Line($"""<text class="tick" x="{Left + Width + KeyLeft + 2 * Radius + 8}" y="{y + 4}">{policies[i].Name}</text>""");
        }

        double X(double logarithm) => Left + Width * (logarithm - low) / (high - low);

        double Y(double memory) => bottom - Height * Math.Min(memory, top) / top;

        void Mark(int i, double x, double y)
        {
            html.Line($"""<circle class="point f{i % Colors}" cx="{x}" cy="{y}" r="{Radius}"/>""");
            html.Line($"""<text class="on middle" x="{x}" y="{y + 4}">{i + 1}</text>""");
        }
    }

    private static string Text(double value, string format) => value.ToString(format, System.Globalization.CultureInfo.InvariantCulture);
}
