using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>Whether the results meet their targets, one line per unlearner.</summary>
internal static class Targets
{
    public static void Write(HtmlWriter html, StudyResult study)
    {
        if (!study.Unlearners.Any(unlearner => unlearner.Evaluation.Verdicts.Count > 0))
            return;

        html.Raw("""
            <h2>Against the targets</h2>
            <div class="scroll" tabindex="0" role="region" aria-label="Targets by unlearner"><table>
            <thead><tr><th scope="col">Unlearner</th><th scope="col">AUC interval's<br>lower end</th><th scope="col">Share of the<br>ceiling's excess</th><th scope="col">Trained on<br>the others</th><th scope="col">Told apart from<br>doing nothing</th></tr></thead>
            <tbody>

            """);
        foreach (var unlearner in study.Unlearners)
        {
            Verdict[] verdicts =
            [
                .. unlearner.Evaluation.Verdicts,
                .. study.Agreement is { } agreement ? agreement.LeaveOneOutVerdicts.Where((_, i) => agreement.Transfer.Names[i] == unlearner.Name) : [],
            ];
            html.Line($"""<tr><th scope="row">{unlearner.Name}</th>""");
            WriteCell(VerdictCriterion.AucInterval, "0.000", "above");
            WriteCell(VerdictCriterion.CeilingShare, "0.0 %", "at least");
            WriteCell(VerdictCriterion.LeaveOneOut, "0.000", "at least");
            WriteCell(VerdictCriterion.ToldApart, "0.000", "above");
            html.Raw("</tr>\n");

            void WriteCell(VerdictCriterion criterion, string format, string relation)
            {
                var found = verdicts.FirstOrDefault(verdict => verdict.Criterion == criterion);
                if (found is not { Passed: { } passed })
                {
                    html.Line($"<td>{Figures.Undefined}<small class=\"reason\">{found?.Reason}</small></td>");
                    return;
                }

                html.Line($"""<td><b class="{(passed ? "pass" : "fail")}">{(passed ? "PASS" : "FAIL")}</b> """
                    + $"""{Figures.Format(found.Value, format)}<small>{relation} {Figures.Format(found.Target, format)}</small></td>""");
            }
        }

        html.Raw("""
            </tbody></table></div>
            <p class="note">The share of what label noise leaves to be predicted is (AUC − 0.5) / (ceiling − 0.5). “Trained on the others” is the AUC of a hardness model that learned from the pooled labels of all other unlearners and never saw this one. “Told apart” is how
            much better the unlearner's own score of one half of the trials tells the label of the other half than the score of doing nothing does.</p>

            """);
    }
}
