using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>Where the time went.</summary>
internal static class TimeTable
{
    public static void Write(HtmlWriter html, StudySeconds seconds)
    {
        (string Stage, double Seconds)[] stages =
        [
            ("Training the target", seconds.Target),
            ("Computing the factors", seconds.Factors),
            ("Unlearning trials", seconds.Trials),
            ("Hardness models", seconds.Hardness),
            ("Everything else", Math.Max(0, seconds.Total - seconds.Target - seconds.Factors - seconds.Trials - seconds.Hardness)),
        ];
        html.Raw("<h2>Time</h2>\n<table>\n<thead><tr><th scope=\"col\">Stage</th><th scope=\"col\">Time</th><th scope=\"col\">Share</th><th></th></tr></thead>\n<tbody>\n");
        foreach (var (stage, time) in stages)
        {
            var share = seconds.Total > 0 ? Math.Clamp(time / seconds.Total, 0, 1) : double.NaN;
            html.Line($"""<tr><td>{stage}</td><td>{Figures.Duration(time)}</td><td>{Figures.Percent(share)}</td><td><div class="meter"><i style="width:{(double.IsNaN(share) ? 0 : 100 * share)}%"></i></div></td></tr>""");
        }

        html.Line($"<tr><th scope=\"row\">Total</th><td><b>{Figures.Duration(seconds.Total)}</b></td><td></td><td></td></tr>");
        html.Raw("</tbody></table>\n<p class=\"note\">Wall-clock time of this run. Trials that an earlier run had finished cost nothing here.</p>\n");
    }
}
