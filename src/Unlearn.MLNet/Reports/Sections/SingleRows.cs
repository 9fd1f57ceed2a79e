using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>Whether groups tell of a row what forgetting it alone does. Nothing where a study has not looked.</summary>
internal static class SingleRows
{
    public static void Write(HtmlWriter html, StudyResult study)
    {
        if (study.SingleRows.Count == 0)
            return;
        html.Raw("""
            <h2>Single rows and groups</h2>
            <p class="note">Some rows, spread from the easiest to the hardest, were forgotten one at a time as well. Rank correlation of the two scores, and what it would be without the noise that
            the halves of both kinds of trials show; then the AUC, on these rows, of the model that learned from groups, out of its fold, against the labels of single rows and of groups.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Single rows and groups by unlearner"><table>
            <thead><tr><th scope="col">Unlearner</th><th scope="col">Rows</th><th scope="col">Spearman</th><th scope="col">Without<br>noise</th><th scope="col">Halves agree,<br>groups</th>
            <th scope="col">Halves agree,<br>single rows</th><th scope="col">AUC,<br>single rows</th><th scope="col">Ceiling,<br>single rows</th><th scope="col">AUC,<br>groups</th></tr></thead>
            <tbody>

            """);
        foreach (var single in study.SingleRows)
        {
            var (auc, groupAuc) = (single.Auc, single.GroupAuc);
            html.Line($"""<tr><th scope="row">{single.Unlearner}</th><td>{Figures.Count(single.RowIds.Count)}</td><td>{single.Spearman:0.00}</td>""");
            html.Line($"""<td>{single.SpearmanWithoutNoise:0.00}</td><td>{single.GroupReliability:0.00}</td><td>{single.SingleRowReliability:0.00}</td>""");
            html.Line($"""<td><b>{auc.Value:0.000}</b><small>[{auc.Low:0.000}, {auc.High:0.000}]</small></td><td>{single.Ceiling:0.000}</td>"""
                + $"""<td>{groupAuc.Value:0.000}<small>[{groupAuc.Low:0.000}, {groupAuc.High:0.000}]</small></td></tr>""");
        }
        html.Raw("</tbody></table></div>\n");
    }
}
