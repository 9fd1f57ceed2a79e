using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Erasure.Proof;

/// <summary>A certificate as one HTML page without scripts and without references to anything outside.</summary>
internal static class CertificatePage
{
    private const int ShownRows = 200;

    public static string Render(ErasureCertificate certificate)
    {
        var html = new HtmlWriter();
        HtmlPage.Begin(
            html, $"Erasure {certificate.RequestId}", css: "code { overflow-wrap: anywhere; font-size: .8125rem; } td, th { white-space: normal; }\n");
        html.Line($"<p class=\"eyebrow\">Certificate of erasure</p><h1>{certificate.RequestId}</h1>");
        Lead(html, certificate);
        Facts(html, certificate);
        Audits(html, certificate);
        html.Raw("<h2>What is not proven</h2>\n<ul>\n");
        foreach (var item in certificate.NotProven)
            html.Line($"<li>{item}</li>");
        html.Raw("</ul>\n<h2>Rows</h2>\n<p class=\"note\">Keyed hashes stand for the ids. They are pseudonyms: who has the workspace's key, "
            + "or the model and the rows, can tell which rows they are.</p>\n<p>");
        foreach (var row in certificate.Rows.Take(ShownRows))
            html.Line($"<code>{row}</code><br>");
        if (certificate.Rows.Count > ShownRows)
            html.Line($"and {Figures.Count(certificate.Rows.Count - ShownRows)} more, which the JSON file names");
        html.Raw("</p>\n<footer>Made by Unlearn.MLNet. Check it with the log of the workspace.</footer>\n</main>\n</body>\n</html>\n");
        return html.ToString();
    }

    private static void Lead(HtmlWriter html, ErasureCertificate certificate)
    {
        var rows = Figures.Plural(certificate.Rows.Count, "row", "rows");
        var done = certificate.Method switch
        {
            ErasurePlan.Erased => "had been erased by earlier requests.",
            ErasurePlan.Nothing when certificate.Audits is [.., { IsMeasured: true }] =>
                "needed no change of the model: it does not stand out on them, compared with models that never saw them.",
            ErasurePlan.Nothing => "were left to a model that is predicted not to stand out on them; nothing was measured.",
            var method => $"were erased by {method}.",
        };
        html.Line($"<p class=\"lead\">{rows} {done}</p>");
        html.Line($"<p>The request came at {Time(certificate.ReceivedAt)}, was due at {Time(certificate.DueAt)}, "
            + $"and was completed at {Time(certificate.CompletedAt)}.</p>");
    }

    private static void Facts(HtmlWriter html, ErasureCertificate certificate)
    {
        html.Raw("<h2>What was done</h2>\n<div class=\"scroll\"><table>\n<tbody>\n");
        Row("Plan", certificate.PlanReason);
        Row("Method", certificate.Method);
        Row("Options", certificate.Specification);
        Row("Seed", certificate.Seed is { } seed ? Invariant($"{seed}") : Figures.Undefined);
        Row("Time", Figures.Duration(certificate.Seconds));
        Row("Model before", certificate.ModelBefore);
        Row("Model after", certificate.ModelAfter);
        Row("Entry of the log", Invariant($"{certificate.LogIndex}: {certificate.LogHash}"));
        Row("Versions", string.Join(", ", certificate.Versions.Select(version => $"{version.Key} {version.Value}")));
        html.Raw("</tbody>\n</table></div>\n");

        void Row(string name, string value) => html.Line($"<tr><th>{name}</th><td style=\"text-align:left\"><code>{value}</code></td></tr>");
    }

    private static void Audits(HtmlWriter html, ErasureCertificate certificate)
    {
        html.Raw("<h2>Audits</h2>\n");
        if (certificate.Audits.Count == 0)
        {
            html.Raw("<p class=\"note\">None: the rows were audited with the requests that erased them.</p>\n");
            return;
        }
        html.Raw("<p class=\"note\">Residual memory is how far a row stands out in the model, in standard deviations of models that never saw it. "
            + "A membership score of 0.5 is what such a model has on average.</p>\n"
            + "<div class=\"scroll\"><table>\n<thead><tr><th>Method</th><th>Verdict</th><th>Rows above the tolerance</th><th>Allowed</th><th>95 % interval</th>"
            + "<th>Tolerance</th><th>Mean residual memory</th><th>Mean membership score</th><th>Accuracy that stays</th><th>Test accuracy</th><th>Changed "
            + "predictions</th>"
            + "<th>… of neighbors</th></tr></thead>\n<tbody>\n");
        foreach (var audit in certificate.Audits)
        {
            var verdict = audit.Passed ? "pass" : "fail";
            html.Line($"<tr><th>{audit.Method}</th><td class=\"{verdict}\">{(audit.Passed ? "passed" : "failed")}</td>");
            html.Line($"<td>{(audit.IsMeasured ? Invariant($"{audit.RowsAbove} of {audit.Rows.Count}") : "not measured")}</td>");
            html.Line($"<td>{(audit.IsMeasured ? Invariant($"{audit.AllowedRows}") : Figures.Undefined)}</td>");
            html.Line($"<td>{Figures.Percent(audit.ShareAboveLow)} to {Figures.Percent(audit.ShareAboveHigh)}</td><td>{audit.Tolerance:0.00}</td>");
            html.Line($"<td>{audit.MeanResidualMemory:0.00}</td><td>{audit.Rows.Average(row => row.MembershipScore):0.00}</td>");
            html.Line($"<td>{audit.RetainedAccuracyBefore:0.000} → {audit.RetainedAccuracyAfter:0.000}</td>");
            html.Line($"<td>{audit.TestAccuracyBefore:0.000} → {audit.TestAccuracyAfter:0.000}</td>");
            html.Line($"<td>{Figures.Percent(audit.ChangedPredictions)}</td><td>{Figures.Percent(audit.ChangedNeighbors)}</td></tr>");
        }
        html.Raw("</tbody>\n</table></div>\n<ul>\n");
        foreach (var audit in certificate.Audits)
            html.Line($"<li>{audit.Method}: {audit.Reason} Compared with {audit.References}. "
                + $"Exact retraining itself has {Figures.Percent(audit.FalseAlarmRate)} of its rows above the tolerance.</li>");
        html.Raw("</ul>\n");
    }

    private static string Time(DateTimeOffset time) => Invariant($"{time:u}");
}
