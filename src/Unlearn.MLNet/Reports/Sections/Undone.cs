using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>What approximate unlearners really undid, beside doing nothing. Nothing where a study has none of them.</summary>
internal static class Undone
{
    public static void Write(HtmlWriter html, StudyResult study)
    {
        UnlearnerResult[] approximate =
        [
            .. study.Unlearners.Where(unlearner => !double.IsNaN(unlearner.UndoneShare) || unlearner.Evaluation.Nothing is not null),
        ];
        if (approximate.Length == 0)
            return;
        html.Raw("""
            <h2>What was undone</h2>
            <p class="note">Share of the way from the target's confidence to that of retrained models, over all rows and over the hard ones: 0 % is doing nothing, 100 % is retraining. The gap to retraining stands
            beside the gap that one retraining has to the others. Then doing nothing as a predictor: its score from one half of the trials against the unlearner's label from the other half, beside the
            unlearner's own score. Where the two are alike, the label is that of doing nothing.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="What was undone by unlearner"><table>
            <thead><tr><th scope="col">Unlearner</th><th scope="col">Undone,<br>all rows</th><th scope="col">Undone,<br>hard rows</th><th scope="col">Retained accuracy<br>lost</th><th scope="col">Test accuracy<br>lost</th>
            <th scope="col">Gap to<br>retraining</th><th scope="col">Retraining's<br>own gap</th><th scope="col">Rows above<br>noise</th><th scope="col">AUC of<br>doing nothing</th><th scope="col">AUC of<br>own score</th>
            <th scope="col">Spearman with<br>doing nothing</th><th scope="col">Spearman<br>with itself</th></tr></thead>
            <tbody>

            """);
        foreach (var unlearner in approximate)
        {
            var nothing = unlearner.Evaluation.Nothing;
            html.Line($"""<tr><th scope="row">{unlearner.Name}</th><td><b>{Figures.Percent(unlearner.UndoneShare)}</b></td>"""
                + $"""<td>{Figures.Percent(unlearner.UndoneShareOfHardRows)}</td>""");
            html.Line($"""<td>{Figures.Format(study.Target.TrainAccuracy - unlearner.RetainedAccuracy, "0.0 %")}</td>"""
                + $"""<td>{Figures.Format(study.Target.TestAccuracy - unlearner.TestAccuracy, "0.0 %")}</td>""");
            html.Line($"""<td>{unlearner.RetrainGap:0.000}</td><td>{unlearner.RetrainGapFloor:0.000}</td>"""
                + $"""<td>{Figures.Percent(unlearner.Evaluation.AboveNoiseShare)}</td>""");
            html.Line($"""<td>{nothing?.Auc ?? double.NaN:0.000}</td><td>{nothing?.OwnAuc ?? double.NaN:0.000}</td>"""
                + $"""<td>{nothing?.Spearman ?? double.NaN:0.00}</td><td>{nothing?.OwnSpearman ?? double.NaN:0.00}</td></tr>""");
        }
        html.Raw("</tbody></table></div>\n");
        WriteOtherScores(html, approximate);
    }

    private static void WriteOtherScores(HtmlWriter html, UnlearnerResult[] unlearners)
    {
        if (!unlearners.Any(unlearner => unlearner.OtherScores.Count > 0))
            return;
        html.Raw("""
            <h2>Other scores</h2>
            <p class="note">AUC for the hardest rows by another outcome than residual memory, on the rows that both halves of the trials measured it for, and the ceiling of its labels.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Other scores by unlearner"><table>
            <thead><tr><th scope="col">Unlearner</th><th scope="col">Score</th><th scope="col">Rows</th><th scope="col">AUC<br>[95 % interval]</th><th scope="col">Ceiling</th></tr></thead>
            <tbody>

            """);
        foreach (var unlearner in unlearners)
            foreach (var score in unlearner.OtherScores)
            {
                html.Line($"""<tr><th scope="row">{unlearner.Name}</th><td>{Outcomes.Name(score.Outcome)}</td><td>{Figures.Count(score.Rows)}</td>""");
                if (score.Reason is null)
                    html.Line($"""<td>{score.Auc.Value:0.000}<small>[{score.Auc.Low:0.000}, {score.Auc.High:0.000}]</small></td>"""
                        + $"""<td>{score.Ceiling:0.000}</td></tr>""");
                else
                    html.Line($"""<td colspan="2">{Figures.Undefined}<small>{score.Reason}</small></td></tr>""");
            }
        html.Raw("</tbody></table></div>\n");
    }
}
