using Unlearn.MLNet.Reports.Charts;
using Unlearn.MLNet.Reports.Html;
using Unlearn.MLNet.Reports.Rows;
using Unlearn.MLNet.Reports.Sections;

namespace Unlearn.MLNet.Reports;

/// <summary>
/// The report of a study: one HTML page without references to anything outside, for light and dark screens of any width and for paper. Its only script
/// searches, sorts and shows rows; the page says all else without it.
/// </summary>
internal static class HtmlReport
{
    /// <summary>Renders the page. The same study gives the same text.</summary>
    /// <param name="study">The study.</param>
    /// <param name="picture">Picture of a row by its id, for the gallery; null for rows that have none, which are shown as text.</param>
    /// <exception cref="ArgumentException">A list of the study does not have one value per row.</exception>
    public static string Render(StudyResult study, Func<string, RowPicture?>? picture = null)
    {
        ArgumentNullException.ThrowIfNull(study);
        StudyCheck.Lengths(study);
        var html = new HtmlWriter();
        HtmlPage.Begin(html, study.Title, $"; img-src data:; script-src '{RowScript.Hash}'; base-uri 'none'; form-action 'none'");
        Introduction.Write(html, study);
        AucTable.Write(html, study);
        Targets.Write(html, study);
        Undone.Write(html, study);
        html.Raw("<div class=\"pair\">\n<section>\n<h2>ROC curves</h2>\n"
            + "<p class=\"note\">Hard rows found against easy rows flagged by mistake, as the threshold on the predicted hardness falls.</p>\n");
        RocChart.Write(html, study);
        Correlations.WriteUnlearners(html, study);
        html.Raw("</section>\n<section>\n");
        Correlations.WriteFactors(html, study);
        html.Raw("</section>\n</div>\n");
        SubsetTable.Write(html, study);
        Importance.Write(html, study);
        Agreement.Write(html, study);
        SingleRows.Write(html, study);
        ReliabilityChart.WriteAll(html, study);
        html.Raw("<h2>Distribution of hardness</h2>\n<p class=\"note\">Hardness scores of all audited rows; the rows labeled hard stand out.</p>\n"
            + "<div class=\"charts\">\n");
        foreach (var unlearner in study.Unlearners)
            Histogram.Write(html, unlearner);

        html.Raw("</div>\n");
        Gallery.Write(html, study, picture);
        RowSection.Write(html, study);
        Strengths.Write(html, study);
        Outcomes.Write(html, study);
        TimeTable.Write(html, study);
        Notes.Write(html, study);
        html.Raw("<footer>Made by Unlearn.MLNet. Everything here but the times is the same however many workers ran the trials.</footer>\n</main>\n"
            + "</body>\n</html>\n");
        return html.ToString();
    }
}
