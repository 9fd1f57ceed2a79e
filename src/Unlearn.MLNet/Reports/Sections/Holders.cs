using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>Tells which unlearners have what a table shows, where some do not.</summary>
internal static class Holders
{
    public static void Note(HtmlWriter html, StudyResult study, string what, Func<HardnessEvaluation, bool> has)
    {
        string[] names = [.. study.Unlearners.Where(unlearner => has(unlearner.Evaluation)).Select(unlearner => unlearner.Name)];
        if (names.Length > 0 && names.Length < study.Unlearners.Count)
            html.Line($"""<p class="note">{what} {string.Join(", ", names)}.</p>""");
    }
}
