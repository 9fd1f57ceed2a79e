using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>The heading, the result in plain words, how to read the page, and the study in a few figures.</summary>
internal static class Introduction
{
    public static void Write(HtmlWriter html, StudyResult study)
    {
        html.Line($"""<p class="eyebrow">How hard is each row to unlearn?</p><h1>{study.Title}</h1>""");
        if (study.Target.Warning is { } warning)
            html.Line($"""<p class="lead"><b class="fail">{warning}</b></p>""");
        html.Line($"""<p class="lead">{Result(study)}</p>""");
        WriteCards(html, study);
        html.Line(
            $"""<p class="note">Target: """
            + $"""{study.Target.Description}"""
            + $"""{(study.Target.Parameters is { } parameters ? $"; {Figures.Plural(parameters, "parameter", "parameters")}" : "")}. """
            + $"""Root seed {study.Seed}.</p>""");
        html.Raw("""
            <h2>How to read this page</h2>
            <p>A <b>hardness score</b> is measured by really unlearning a row, averaged over trials: how far the model's confidence in the row has to move
            (exact unlearners; SISA: the model of the row's own shard), or how far it still stands out from models that never saw the row (approximate ones). The rows with the highest scores are labeled hard.
            <b>AUC</b> tells how well factors computed <em>before</em> any unlearning predict that label on rows the hardness model never saw: the share of pairs of a hard
            and an easy row that it puts in the right order; 0.5 is chance, 1 is perfect. The <b>interval</b> is where the AUC lies, with 95 % confidence, given how few rows were
            audited. The <b>ceiling</b> is the AUC that scores without any noise would reach against these labels, estimated from how far the two halves of the trials agree: noise in the
            labels themselves leaves nothing to be predicted beyond it.</p>

            """);
    }

    private static string Result(StudyResult study)
    {
        var results = study.Unlearners.Where(u => !double.IsNaN(u.Evaluation.Auc.Value)).ToArray();
        if (results.Length == 0)
            return "No AUC is defined in this study: no unlearner has both hard and easy rows.";

        var chance = results.Where(u => !(u.Evaluation.Auc.Low > 0.5)).Select(u => u.Name).ToArray();
        var verdict = chance.Length == 0
            ? "Hardness could be predicted before unlearning."
            : chance.Length == results.Length ? "Hardness could not be predicted better than chance."
            : $"Hardness could be predicted before unlearning, though for {string.Join(", ", chance)} not surely better than chance.";
        return $"{verdict} On rows it had not seen, the hardness model put {Span(u => u.Evaluation.Auc.Value)} of the pairs of a hard and an easy row in "
            + "the right order "
            + $"({string.Join(", ", results.Select(u => u.Name))}); chance is 50 %. The target's loss alone manages {Span(u => u.Evaluation.LossAuc)}, "
            + $"and noise in the labels leaves at most {Span(u => u.Evaluation.Ceiling.Value)} to anyone.";

        string Span(Func<UnlearnerResult, double> figure) => Figures.Span(results.Select(figure), "0 %");
    }

    private static void WriteCards(HtmlWriter html, StudyResult study)
    {
        html.Raw("<dl class=\"cards\">\n");
        Card("Target's test accuracy", Figures.Format(study.Target.TestAccuracy, "0.0 %"),
            $"{Figures.Format(study.Target.TrainAccuracy, "0.0 %")} on its training rows");
        Card("Rows audited", Figures.Count(study.RowIds.Count),
            $"of {Figures.Count(study.Target.Rows)} trained on; {Figures.Count(study.Target.TestRows)} test rows");
        Card("Unlearning trials", Figures.Count(study.Unlearners.Sum(u => (long)u.Trials)),
            $"by {Figures.Plural(study.Unlearners.Count, "unlearner", "unlearners")}");
        Card("Minutes", Figures.Format(study.TotalSeconds / 60, "0.0"), $"with {Figures.Plural(study.Workers, "worker", "workers")}");
        html.Raw("</dl>\n");

        void Card(string name, string figure, string sub) =>
            html.Line($"""<div><dt>{name}</dt><dd class="figure">{figure}</dd><dd class="sub">{sub}</dd></div>""");
    }
}
