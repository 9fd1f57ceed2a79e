using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Unlearn.MLNet.Reports;
using Xunit;

namespace Unlearn.MLNet.Tests.Reports;

public sealed partial class HtmlReportTests
{
    private const string Attack = "</title><script>alert('x')</script>\"onload=\"&";

    [Fact]
    public void TextOfTheStudyNeverBecomesMarkup()
    {
        var study = StudyFixture.Study();
        var html = HtmlReport.Render(study with
        {
            Title = Attack,
            RowIds = [.. study.RowIds.Select(id => id + Attack)],
            ClassNames = [Attack, Attack, Attack],
            Target = study.Target with { Description = Attack },
            Factors = [.. study.Factors.Select(f => f with { Name = f.Name + Attack })],
            Unlearners = [.. study.Unlearners.Select(u => u with { Name = u.Name + Attack, Evaluation = Attacked(u.Evaluation) })],
            Agreement = study.Agreement! with { Transfer = study.Agreement.Transfer with { Names = [Attack, Attack, Attack] } },
            SingleRows = [.. study.SingleRows.Select(single => single with { Unlearner = Attack })],
        });
        AssertOwnScripts(html);
        Assert.DoesNotContain("\"onload", html, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(html[..html.IndexOf("<body", StringComparison.Ordinal)], "</title>"));
        Assert.Contains("&lt;/title&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;onload=&quot;&amp;", html, StringComparison.Ordinal);
    }

    // Data, and the one script whose hash the policy names.
    private static void AssertOwnScripts(string html)
    {
        var scripts = Scripts().Matches(html);
        Assert.Equal(2, Regex.Count(html, "(?i)<script"));
        Assert.Equal(
            ["<script type=\"application/json\" id=\"row-data\">", "<script>"], scripts.Select(script => script.Value[..(script.Value.IndexOf('>') + 1)]));
        var text = scripts[1].Value["<script>".Length..^"</script>".Length];
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        Assert.Contains($"script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("innerHTML|outerHTML|insertAdjacent|document\\.write|eval\\(|fetch\\(|XMLHttp|import\\(", text);
    }

    [GeneratedRegex("<script.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Scripts();

    private static HardnessEvaluation Attacked(HardnessEvaluation evaluation) => evaluation with
    {
        BestSingle = new() { Factor = Attack, Auc = 0.7, Spearman = 0.5 },
        Trainers = [Attack],
        Subsets = [.. evaluation.Subsets.Select(s => s with { Name = Attack })],
        Importance = [.. evaluation.Importance.Select(f => f with { Name = Attack })],
    };

    [Fact]
    public void TargetsAreMetOrMissedInWords()
    {
        var html = HtmlReport.Render(StudyFixture.Study());
        Assert.Equal(3, Regex.Count(html, "<b class=\"pass\">PASS</b>"));
        Assert.Equal(3, Regex.Count(html, "<b class=\"fail\">FAIL</b>"));
    }

    // One of each character that XML 1.0 forbids, in every text of a study that users choose: the charts must stay well-formed XML, and the page must
    // load nothing.
    [Fact]
    public void ForbiddenCharactersAreShownBySymbols()
    {
        string bad = string.Concat(Enumerable.Range(0, 0x20).Select(code => (char)code)) + "\u007F\u0085\uD800x\uDC00\uFFFE\uFFFF\uFDD0";
        var study = StudyFixture.Study() with { Title = $"a{bad}b" };
        using var folder = new TemporaryFolder();
        StudyFiles.Write(folder.Path, study);
        var html = File.ReadAllText(Path.Combine(folder.Path, StudyFiles.Report));
        Assert.DoesNotContain(
            html, character => character is < ' ' and not ('\n' or '\t' or '\r') or '\u007F' or '\uFFFE' or '\uFFFF' || char.IsSurrogate(character));
        Assert.Contains("\u2400\u2401", html, StringComparison.Ordinal);
        Assert.Contains("Content-Security-Policy\" content=\"default-src 'none'", html, StringComparison.Ordinal);
        Assert.Contains("\u2400", System.Xml.Linq.XDocument.Load(Path.Combine(folder.Path, StudyFiles.AucChart)).Root!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void ATargetThatLearnedNoMoreThanTheLargestClassIsToldBeforeAnythingElse()
    {
        var study = StudyFixture.Study();
        Assert.DoesNotContain("no better than the majority class", HtmlReport.Render(study), StringComparison.Ordinal);
        var html = HtmlReport.Render(study with { Target = study.Target with { Recalls = [1, 0, 0], MajorityShare = 0.98, TestAccuracy = 0.98 } });
        Assert.True(html.IndexOf("no better than the majority class", StringComparison.Ordinal) < html.IndexOf(
            "Hardness could be predicted", StringComparison.Ordinal));
    }

    [Fact]
    public void WhatApproximateUnlearnersUndidStandsBesideDoingNothing()
    {
        var html = HtmlReport.Render(StudyFixture.Study());
        var section = html[html.IndexOf("<h2>What was undone</h2>", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("</table>", StringComparison.Ordinal)];
        Assert.Equal(1, Regex.Count(section, "<th scope=\"row\">"));
        Assert.Contains("<th scope=\"row\">FT</th><td><b>13\u00a0%</b></td><td>11\u00a0%</td>", section, StringComparison.Ordinal);
        Assert.Contains("<td>0.925</td><td>0.930</td><td>0.70</td><td>0.80</td>", section, StringComparison.Ordinal);
        Assert.Contains("measured for 3 rows in both halves, fewer than 200", html, StringComparison.Ordinal);
    }

    [Fact]
    public void AStudyWithoutTheFurtherEvaluationStillHasAReport()
    {
        var study = StudyFixture.Study();
        var bare = study with
        {
            Agreement = null,
            SingleRows = [],
            Unlearners = [.. study.Unlearners.Select(
                u => u with { Calibration = null, Evaluation = u.Evaluation with { Subsets = [], Importance = [], Calibration = null, Verdicts = [] } })],
        };
        Assert.DoesNotMatch("Against the targets|worth|What the models use|Transfer between|Single rows|Calibration<|Strength of", HtmlReport.Render(bare));
    }

    [Fact]
    public void NothingOutsideThePageIsReferredTo()
    {
        var html = HtmlReport.Render(StudyFixture.Study(), StudyFixture.Picture);
        AssertOwnScripts(html);
        Assert.DoesNotMatch("(?i)https?:|<link|<iframe|<object|<embed|@import|url\\(|href=|srcset=", html);
        Assert.All(Regex.Matches(html, "src=\"([^\"]*)\""), m => Assert.StartsWith("data:image/png;base64,", m.Groups[1].Value, StringComparison.Ordinal));
    }

    [Fact]
    public void ChartsAreWellFormedAndDescribed()
    {
        var charts = Regex.Matches(HtmlReport.Render(StudyFixture.Study()), "<svg viewBox.*?</svg>", RegexOptions.Singleline)
            .Select(m => XElement.Parse(m.Value))
            .ToArray();
        Assert.Equal(1 + 3 + 1 + 2 + 3 + 1 + 2 + 1, charts.Length);
        Assert.All(charts, chart =>
        {
            Assert.NotEmpty(chart.Element("title")!.Value);
            Assert.NotEmpty(chart.Element("desc")!.Value);
            Assert.Equal(
                $"{chart.Element("title")!.Attribute("id")!.Value} {chart.Element("desc")!.Attribute("id")!.Value}", chart.Attribute("aria-labeledby")!.Value);
            Assert.DoesNotContain("NaN", chart.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("∞", chart.ToString(), StringComparison.Ordinal);
        });
        var ids = charts.Descendants().Attributes("id").Select(a => a.Value).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void UndefinedFiguresAreDashesThatTheNotesExplain()
    {
        var html = Scripts().Replace(HtmlReport.Render(StudyFixture.Study()), "");
        Assert.DoesNotContain("NaN", html.Replace("&lt;NaN&gt;", "the reason of a failed trial", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("<b>–</b><small>[–, –]</small>", html, StringComparison.Ordinal);
        Assert.Contains("<b>–</b> stands for what is undefined", html, StringComparison.Ordinal);
    }

    [Fact]
    public void GalleryShowsTheExtremesInOrder()
    {
        var study = StudyFixture.Study();
        var html = HtmlReport.Render(study, StudyFixture.Picture);
        var shown = Regex.Matches(html, "<figcaption>.*?<span>row (.*?)</span>")
            .Select(m => m.Groups[1].Value.Replace("&quot;", "\"", StringComparison.Ordinal))
            .Take(24)
            .ToArray();
        var order = Enumerable.Range(0, 30).OrderByDescending(row => study.Unlearners[0].Scores[row]).Select(row => study.RowIds[row]).ToArray();
        Assert.Equal(order[..12], shown[..12]);
        Assert.Equal(order[^12..].Reverse(), shown[12..]);
        Assert.Contains("alt=\"cat, row 0\"", html, StringComparison.Ordinal);
        Assert.Contains("<div class=\"chip\" aria-hidden=\"true\">a,b</div>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void AStudyWithoutRowsOrUnlearnersStillHasAReport()
    {
        var study = StudyFixture.Study() with
        {
            RowIds = [],
            Labels = [],
            Factors = [],
            Unlearners = [],
            NearestRows = [],
            Agreement = null,
            TotalSeconds = 0,
            Seconds = Enum.GetValues<StudyStage>().ToDictionary(stage => stage, _ => 0.0),
        };
        Assert.Contains("No AUC is defined", HtmlReport.Render(study), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.6, "Hardness could be predicted before unlearning.")]
    [InlineData(0.4, "Hardness could not be predicted better than chance.")]
    public void TheVerdictFollowsTheIntervals(double low, string verdict)
    {
        var study = StudyFixture.Study();
        var html = HtmlReport.Render(study with { Unlearners =
        [
            .. study.Unlearners.Select(u => u with { Evaluation = u.Evaluation with { Auc = u.Evaluation.Auc with { Low = low } } }),
        ] });
        Assert.Contains(verdict, html, StringComparison.Ordinal);
    }
}
