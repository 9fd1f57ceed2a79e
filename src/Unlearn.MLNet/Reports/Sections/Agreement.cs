using Unlearn.MLNet.Reports.Charts;
using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>Whether hardness belongs to the row or to the algorithm: transfer between unlearners, and Kendall's W.</summary>
internal static class Agreement
{
    public static void Write(HtmlWriter html, StudyResult study)
    {
        if (study.Agreement is not { } agreement)
            return;

        html.Raw("""
            <h2>Transfer between unlearners</h2>
            <p class="note">AUC of hardness models that learned from one unlearner's labels (rows) against the labels of another (columns), on rows that they never saw. Last: models
            that learned from the pooled labels of all unlearners but the one tested.</p>

            """);
        html.Raw("<div class=\"scroll\">\n");
        TransferHeatMap.Write(html, agreement);
        html.Raw("</div>\n");
        html.Line(
            $"""<p><b>Kendall's W {agreement.Concordance:0.000}</b> over {Figures.Count(agreement.Transfer.Names.Count)} unlearners and """
            + $"""{Figures.Count(study.RowIds.Count)} rows (p = {agreement.ConcordancePValue:0.000#} by permutation): """
            + $"""{agreement.IndependentConcordance:0.000} would be no agreement on which rows are hard, 1 the same order for all. """
            + $"""Scores of one study share retrained models, so this is above what the agreement across halves shows.</p>""");
    }
}
