using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>How well parts of the factors predict: what users get for what they pay.</summary>
internal static class SubsetTable
{
    private static readonly (SubsetKind Kind, string Heading)[] Parts =
    [
        (SubsetKind.Core, "The core factors"),
        (SubsetKind.Tier, "Each tier with those below it"),
        (SubsetKind.Family, "Each family alone"),
        (SubsetKind.Without, "All but one family: change of the AUC"),
    ];

    public static void Write(HtmlWriter html, StudyResult study)
    {
        if (study.Unlearners.FirstOrDefault(unlearner => unlearner.Evaluation.Subsets.Count > 0)?.Evaluation.Subsets is not { } subsets)
            return;

        html.Raw("""
            <h2>What each tier and family is worth</h2>
            <p class="note">AUC of hardness models that see a part of the factors, on the same folds, with 95 % intervals; and what is lost without a family.</p>

            """);
        Holders.Note(html, study, "Families are evaluated for", evaluation => evaluation.Subsets.Any(subset => subset.Kind == SubsetKind.Family));
        html.Raw("""
            <div class="scroll" tabindex="0" role="region" aria-label="AUC by part of the factors"><table>
            <thead><tr><th scope="col">Factors</th><th scope="col">Number</th>

            """);
        foreach (var unlearner in study.Unlearners)
            html.Line($"""<th scope="col">{unlearner.Name}</th>""");

        html.Raw("</tr></thead>\n");
        foreach (var (kind, heading) in Parts.Where(part => subsets.Any(subset => subset.Kind == part.Kind)))
        {
            html.Line($"""<tbody class="part"><tr><th scope="rowgroup" colspan="{Figures.Count(study.Unlearners.Count + 2)}">{heading}</th></tr>""");
            foreach (var subset in subsets.Where(subset => subset.Kind == kind))
            {
                html.Line($"""<tr><th scope="row">{(kind == SubsetKind.Without ? $"without {subset.Name}" : subset.Name)}</th>"""
                    + $"""<td>{Figures.Count(subset.Factors.Count)}</td>""");
                foreach (var unlearner in study.Unlearners)
                    WriteCell(html, unlearner.Evaluation.Subsets.FirstOrDefault(other => other.Kind == kind && other.Name == subset.Name));

                html.Raw("</tr>\n");
            }

            html.Raw("</tbody>\n");
        }

        html.Raw("</table></div>\n");
    }

    private static void WriteCell(HtmlWriter html, SubsetAuc? subset)
    {
        if (subset is null)
            html.Line($"<td>{Figures.Undefined}</td>");
        else if (subset.Kind == SubsetKind.Without)
            html.Line($"<td>{subset.Difference.Value:+0.000;-0.000;0.000}<small>[{subset.Difference.Low:+0.000;-0.000;0.000}, "
                + $"{subset.Difference.High:+0.000;-0.000;0.000}]</small></td>");
        else
            html.Line($"<td>{subset.Auc.Value:0.000}<small>[{subset.Auc.Low:0.000}, {subset.Auc.High:0.000}]</small></td>");
    }
}
