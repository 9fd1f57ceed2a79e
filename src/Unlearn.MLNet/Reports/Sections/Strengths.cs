using Unlearn.MLNet.Reports.Charts;
using Unlearn.MLNet.Reports.Html;
using Unlearn.MLNet.Trials.Calibration;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>How the strengths of approximate unlearners were found. Nothing where calibration was left out.</summary>
internal static class Strengths
{
    public static void Write(HtmlWriter html, StudyResult study)
    {
        (UnlearnerCalibration Calibration, int Place)[] found = [.. study.Unlearners
            .Select((unlearner, place) => (unlearner.Calibration, place))
            .Where(of => of.Calibration is not null)
            .Select(of => (of.Calibration!, of.place))];
        if (found.Length == 0)
            return;

        html.Raw("""
            <h2>Strength of the approximate unlearners</h2>
            <p class="note">Each was tried at several strengths, on forget sets and seeds that no trial uses, until the forgotten rows' mean confidence equals that of models retrained without them.
            The undone share is 0 for doing nothing and 1 for retraining. All figures are those of the chosen strength on further forget sets that the search did not see; below the undone share, the search's own.
            Lost accuracy is on retained or on test rows, whichever is more, beyond what retraining loses; below it, against the target.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Strengths by unlearner"><table>
            <thead><tr><th scope="col">Unlearner</th><th scope="col">Strength</th><th scope="col">Undone<br>share</th><th scope="col">Confidence: target,<br>unlearned, retrained</th><th scope="col">Points<br>lost</th>
            <th scope="col">Retained accuracy: target,<br>unlearned, retrained</th><th scope="col">Test accuracy: target,<br>unlearned, retrained</th><th scope="col">Strengths<br>tried</th><th scope="col">Verdict</th></tr></thead>
            <tbody>

            """);
        foreach (var (calibration, _) in found)
            WriteLine(html, calibration);

        html.Raw("</tbody></table></div>\n<ul class=\"note\">\n");
        foreach (var (calibration, _) in found)
        {
            html.Line(
                $"<li>{calibration.Explanation}{(calibration.StrengthScales.Length > 0 ? $" Its strength scales {calibration.StrengthScales}." : "")}</li>");
        }

        html.Raw("</ul>\n");
        if (!found.Any(of => of.Calibration.Rungs.Count > 0))
            return;

        html.Raw("<p class=\"note\">Within the bands a strength counts as unlearned, and fits the budget of accuracy. A ring marks the chosen strength, "
            + "a cross a failure. Points far outside lie at the edge.</p>\n<div class=\"charts\">\n");
        foreach (var (calibration, place) in found.Where(of => of.Calibration.Rungs.Count > 0))
            LadderChart.Write(html, calibration, place);

        html.Raw("</div>\n");
    }

    private static void WriteLine(HtmlWriter html, UnlearnerCalibration calibration)
    {
        var (check, chosen, accuracy) = (calibration.Check, calibration.Check?.Rung, calibration.Check?.Rung.Accuracy);
        var (target, retrained) = (check?.TargetAccuracy ?? calibration.TargetAccuracy, check?.RetrainedAccuracy ?? calibration.RetrainedAccuracy);
        var (before, goal) = (check?.TargetConfidence ?? calibration.TargetConfidence, check?.RetrainedConfidence ?? calibration.RetrainedConfidence);
        var mark = calibration.Verdict == CalibrationVerdict.Reached ? "pass" : "fail";
        html.Line($"""<tr><th scope="row">{calibration.Unlearner}</th><td>{calibration.Strength:0.###}</td>""");
        html.Line($"""<td><b>{calibration.UndoneShare:0.00}</b><small>{calibration.Chosen?.UndoneShare ?? double.NaN:0.00}</small></td>""");
        html.Line($"""<td>{before:0.000}, {chosen?.Confidence ?? double.NaN:0.000}, {goal:0.000}</td>""");
        html.Line($"""<td>{100 * calibration.AccuracyLoss:0.0}<small>{100 * (accuracy?.LossAgainst(target) ?? double.NaN):0.0}</small></td>""");
        html.Line($"""<td>{target.Retained:0.0 %}, {accuracy?.Retained ?? double.NaN:0.0 %}, {retrained.Retained:0.0 %}</td>""");
        html.Line($"""<td>{target.Test ?? double.NaN:0.0 %}, {accuracy?.Test ?? double.NaN:0.0 %}, {retrained.Test ?? double.NaN:0.0 %}</td>""");
        html.Line($"""<td>{Figures.Count(calibration.Rungs.Count)}</td><td><b class="{mark}">{Name(calibration)}</b></td></tr>""");
    }

    private static string Name(UnlearnerCalibration calibration) => calibration.Verdict switch
    {
        CalibrationVerdict.Reached => "reached",
        CalibrationVerdict.StrongestWithinBudget => CalibrationWords.Shortfall(calibration),
        CalibrationVerdict.NothingFits => "nothing fits the budget",
        CalibrationVerdict.BelowNoise => "below noise",
        CalibrationVerdict.NotConfirmed => "not confirmed on other forget sets",
        CalibrationVerdict.TooFewTrials => "too few trials to try one",
        _ => "not adjustable",
    };
}
