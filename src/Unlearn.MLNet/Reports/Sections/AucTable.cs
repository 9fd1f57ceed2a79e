using Unlearn.MLNet.Reports.Charts;
using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>How well hardness was predicted, one line per unlearner.</summary>
internal static class AucTable
{
    public static void Write(HtmlWriter html, StudyResult study)
    {
        var bar = new IntervalBar(study.Unlearners);
        html.Raw("""
            <h2>How well hardness was predicted</h2>
            <div class="scroll" tabindex="0" role="region" aria-label="Prediction of hardness by unlearner"><table>
            <thead><tr><th scope="col">Unlearner</th><th scope="col">Trials</th><th scope="col">AUC<br>[95 % interval]</th><th scope="col" class="bar">
            """);
        bar.WriteScale(html);
        html.Raw("""
            </th><th scope="col">Ceiling<br>[95 % interval]</th><th scope="col">Without<br>label noise</th><th scope="col">Loss<br>alone</th><th scope="col">Class<br>alone</th><th scope="col">Best single<br>factor</th><th scope="col">Average<br>precision</th>
            <th scope="col">Spearman</th><th scope="col">Retained<br>accuracy</th><th scope="col">Test<br>accuracy</th><th scope="col">Time per<br>trial</th></tr></thead>
            <tbody>

            """);
        for (var i = 0; i < study.Unlearners.Count; i++)
        {
            var unlearner = study.Unlearners[i];
            var evaluation = unlearner.Evaluation;
            html.Line($"""<tr><th scope="row">{unlearner.Name}</th><td>{Figures.Count(unlearner.Trials)}</td>""");
            html.Line($"""<td><b>{evaluation.Auc.Value:0.000}</b><small>[{evaluation.Auc.Low:0.000}, {evaluation.Auc.High:0.000}]</small>""");
            if (evaluation.BootstrapAuc is { } bootstrap)
                html.Line($"""<small>by groups [{bootstrap.Low:0.000}, {bootstrap.High:0.000}]</small>""");

            html.Raw("</td><td class=\"bar\">\n");
            bar.Write(html, evaluation, i);
            html.Line(
                $"""</td><td>{evaluation.Ceiling.Value:0.000}<small>[{evaluation.Ceiling.Low:0.000}, {evaluation.Ceiling.High:0.000}]</small></td>"""
                + $"""<td>{evaluation.AucWithoutNoise:0.000}</td><td>{evaluation.LossAuc:0.000}</td><td>{evaluation.ClassAuc:0.000}</td>"""
                + $"""<td>{evaluation.BestSingle.Auc:0.000}<small>{evaluation.BestSingle.Factor}</small></td>""");
            html.Line($"""<td>{evaluation.AveragePrecision:0.000}</td><td>{evaluation.Spearman:0.00}</td><td>{unlearner.RetainedAccuracy:0.0 %}</td>""");
            html.Line($"""<td>{unlearner.TestAccuracy:0.0 %}</td><td>{Figures.Duration(unlearner.SecondsPerTrial)}""");
            if (!double.IsNaN(unlearner.PreparationSecondsPerTrial))
                html.Line($"""<small>+ {Figures.Duration(unlearner.PreparationSecondsPerTrial)}</small>""");

            html.Raw("</td></tr>\n");
        }

        html.Raw("</tbody></table></div>\n");
        IntervalBar.WriteKey(html);
        if (study.Unlearners.Any(unlearner => !double.IsNaN(unlearner.PreparationSecondsPerTrial)))
            html.Raw("<p class=\"note\">Behind a plus: the time of making the model that unlearning starts from, which a service pays once.</p>\n");

        foreach (var failures in study.Unlearners.Select(unlearner => unlearner.DescribeFailures()).OfType<string>())
            html.Line($"""<p class="note"><b>Left out:</b> {failures}</p>""");

        html.Line(
            $"""<p class="note">Labels are the hardest {Figures.Span(study.Unlearners.Select(u => u.HardShare()).Where(share => share > 0), "0.# %")} of """
            + $"""rows within an unlearner, which is also what average precision would be by chance; the AUC of random guessing is 0.5. """
            + $"""Accuracies are means over the unlearned models; the target itself reaches {study.Target.TestAccuracy:0.0 %} on test rows.</p>""");
    }
}
