using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>Where the time went.</summary>
internal static class TimeTable
{
    private static readonly StudyStage[] Counted = [StudyStage.Target, StudyStage.Factors, StudyStage.Trials, StudyStage.Hardness];

    public static void Write(HtmlWriter html, StudyResult study)
    {
        var (total, seconds) = (study.TotalSeconds, study.Seconds);
        (string Stage, double Seconds)[] stages =
        [
            ("Training the target", seconds[StudyStage.Target]),
            ("Computing the factors", seconds[StudyStage.Factors]),
            ("Unlearning trials", seconds[StudyStage.Trials]),
            ("Hardness models", seconds[StudyStage.Hardness]),
            ("Everything else", Math.Max(0, total - Counted.Sum(stage => seconds[stage]))),
        ];
        html.Raw("<h2>Time</h2>\n<table>\n"
            + "<thead><tr><th scope=\"col\">Stage</th><th scope=\"col\">Time</th><th scope=\"col\">Share</th><th></th></tr></thead>\n<tbody>\n");
        foreach (var (stage, time) in stages)
        {
            var share = total > 0 ? Math.Clamp(time / total, 0, 1) : double.NaN;
            html.Line($"""<tr><td>{stage}</td><td>{Figures.Duration(time)}</td><td>{Figures.Percent(share)}</td><td><div class="meter">"""
                + $"""<i style="width:{(double.IsNaN(share) ? 0 : 100 * share)}%"></i></div></td></tr>""");
        }

        html.Line($"<tr><th scope=\"row\">Total</th><td><b>{Figures.Duration(total)}</b></td><td></td><td></td></tr>");
        html.Raw("</tbody></table>\n<p class=\"note\">Wall-clock time of this run. Trials that an earlier run had finished cost nothing here.</p>\n");
    }
}
