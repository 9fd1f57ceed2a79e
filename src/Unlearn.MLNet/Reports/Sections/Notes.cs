using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>What the figures are not.</summary>
internal static class Notes
{
    public static void Write(HtmlWriter html, StudyResult study)
    {
        html.Raw("""
            <h2>Notes</h2>
            <ul>
            <li><b>The definitions are ours.</b> That hardness belongs to the row is the finding of <cite>Instance-Level Difficulty: A Missing Perspective in Machine Unlearning</cite>
            (arXiv 2410.03043). Scores, labels and factors here follow this project's own formulas; no number of that paper is reproduced or claimed.</li>
            <li><b>Scores are averages over trials,</b> each with its own random forget set and seed, so they carry sampling noise. More trials mean less of it and a higher ceiling.</li>
            <li><b>The ceiling is an estimate, not a wall.</b> It follows from the agreement of the halves of the trials, as if ranks came from normal distributions; its interval comes from drawing
            trials anew.</li>
            <li><b>A score needs an unlearner that unlearns.</b> Where an unlearner undid little, its score is that of doing nothing; where doing nothing ranks the rows as well, the verdict says so.</li>
            <li><b>Intervals cover the choice of rows,</b> which the first takes to be independent (DeLong) and the second, by groups, resamples with all their near-duplicates
            (bootstrap); not another target, data set or seed.</li>
            <li><b>The best single factor</b> and the direction of every single factor, the loss among them, were chosen on the same rows, which flatters them slightly.</li>
            <li><b>Folds are the same for everything that is compared:</b> tiers, families, ablations, unlearners. Near-duplicates never straddle two of them. Unless a search
            within the training folds is asked for, no setting is chosen by looking at these rows.</li>
            <li><b>An under-trained target makes every row look easy.</b>
            """);
        html.Line($" This one reaches {study.Target.TrainAccuracy:0.0 %} on its training rows and {study.Target.TestAccuracy:0.0 %} on test rows.</li>");
        html.Line($"<li><b>{Figures.Undefined}</b> stands for what is undefined: the correlation of a constant, the AUC of labels of one class, "
            + $"the interval of a class with one row.</li>");
        html.Raw("</ul>\n");
    }
}
