using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>What unlearning did to the rows, by outcome and unlearner. Nothing where a study has no outcomes.</summary>
internal static class Outcomes
{
    public static void Write(HtmlWriter html, StudyResult study)
    {
        Outcome[] measured =
        [
            .. Enum.GetValues<Outcome>().Where(outcome => study.Unlearners.Any(unlearner => unlearner.Outcomes.Any(column => column.Outcome == outcome))),
        ];
        if (measured.Length == 0)
            return;
        html.Raw("""
            <h2>What unlearning did: indicators after the fact</h2>
            <p class="note">Mean over all rows, and below it the Spearman correlation with the hardness score. These are known only once a row was unlearned: they check the scores, and predict nothing. ≥: some trials ended before the row was forgotten, so the mean is a lower bound.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Outcomes by unlearner"><table>
            <thead><tr><th scope="col">Outcome</th>
            """);
        foreach (var unlearner in study.Unlearners)
            html.Line($"""<th scope="col">{unlearner.Name}</th>""");
        html.Raw("</tr></thead>\n<tbody>\n");
        foreach (var outcome in measured)
        {
            html.Line($"""<tr><th scope="row">{Name(outcome)}</th>""");
            foreach (var unlearner in study.Unlearners)
            {
                if (unlearner.Outcomes.FirstOrDefault(column => column.Outcome == outcome) is { } column)
                    html.Line(
                        $"""<td>{(column.CensoredShare > 0 ? "≥ " : "")}{column.Mean:0.000}<small>{column.SpearmanWith(unlearner.Scores):0.00}</small></td>""");
                else
                    html.Raw("<td></td>\n");
            }
            html.Raw("</tr>\n");
        }
        html.Raw("</tbody></table></div>\n");
    }

    public static string Name(Outcome outcome) => outcome switch
    {
        Outcome.ShardDisplacement => "Displacement of the own shard",
        Outcome.ResidualMemory => "Residual memory",
        Outcome.ResidualShare => "Share of the displacement left",
        Outcome.UnlearningLira => "Accuracy of telling it from retraining",
        Outcome.RetrainGap => "Gap to retraining",
        Outcome.StandardizedRetrainGap => "Gap in deviations of retraining",
        Outcome.StepsToForget => "Steps to forget",
        Outcome.HarmonicScore => "Harmonic score (low is hard)",
        Outcome.PostUnlearningConfidence => "Confidence after unlearning",
        Outcome.MembershipResistance => "Membership probability after unlearning",
        Outcome.UnlearningExpansion => "Retained predictions changed",
        Outcome.NeighborExpansion => "… among nearest rows",
        Outcome.ParameterShift => "Parameter shift",
        Outcome.PerformanceShift => "Test accuracy lost",
        _ => outcome.ToString(),
    };
}
