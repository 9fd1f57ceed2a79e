using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>What the hardness models really use: the loss of AUC when factors are shuffled.</summary>
internal static class Importance
{
    private const int Shown = 12;

    public static void Write(HtmlWriter html, StudyResult study)
    {
        var evaluations = study.Unlearners.Select(unlearner => unlearner.Evaluation.Importance.ToLookup(factor => (factor.IsFamily, factor.Name))).ToArray();
        if (study.Unlearners.FirstOrDefault(unlearner => unlearner.Evaluation.Importance.Count > 0)?.Evaluation.Importance is not { } all)
            return;

        html.Line(
            $"""<h2>What the models use</h2><p class="note">Loss of AUC when a factor, or a whole family, is shuffled among the held-out rows: """
            + $"""mean and standard deviation of the shuffles. Factors that say the same cover for each other; families do not. """
            + $"""At most {Figures.Count(Shown)} factors are shown, those with the greatest loss.</p>""");
        Holders.Note(html, study, "Factors are shuffled for", evaluation => evaluation.Importance.Count > 0);
        html.Raw("""<div class="scroll" tabindex="0" role="region" aria-label="Permutation importance"><table><thead><tr><th scope="col">Shuffled</th>""");
        foreach (var unlearner in study.Unlearners)
            html.Line($"""<th scope="col">{unlearner.Name}</th>""");

        html.Raw("</tr></thead>\n");
        WriteRows(true, "Families");
        WriteRows(false, "Factors");
        html.Raw("</table></div>\n");

        void WriteRows(bool isFamily, string heading)
        {
            var rows = all.Where(factor => factor.IsFamily == isFamily).Select(factor => factor.Name)
                .OrderByDescending(name => evaluations.SelectMany(evaluation => evaluation[(isFamily, name)]).Max(factor => factor.Loss)).Take(Shown).ToArray();
            if (rows.Length == 0)
                return;

            html.Line($"""<tbody class="part"><tr><th scope="rowgroup" colspan="{Figures.Count(study.Unlearners.Count + 1)}">{heading}</th></tr>""");
            foreach (var name in rows)
            {
                html.Line($"""<tr><th scope="row">{name}</th>""");
                foreach (var evaluation in evaluations)
                {
                    var factor = evaluation[(isFamily, name)].FirstOrDefault();
                    html.Line($"<td>{factor?.Loss ?? double.NaN:0.000}<small>± {factor?.Deviation ?? double.NaN:0.000}</small></td>");
                }

                html.Raw("</tr>\n");
            }

            html.Raw("</tbody>\n");
        }
    }
}
