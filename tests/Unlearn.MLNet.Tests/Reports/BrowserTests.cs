using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace Unlearn.MLNet.Tests.Reports;

/// <summary>The report in headless Chromium, where it is installed.</summary>
public sealed class BrowserTests
{
    private const string Mark = "hacked";

    private static readonly string[] Payloads =
    [
        .. from code in (string[])[$"document.title='{Mark}'", $"document.body.dataset.x='{Mark}'"]
           from payload in (string[])
           [
               $"<script>{code}</script>", $"</script><script>{code}</script>", $"</title><script>{code}</script>", $"<img src=x onerror=\"{code}\">",
               $"<svg onload=\"{code}\">", $"\"><svg/onload={code}>", $"' onfocus='{code}' autofocus='", $"<iframe src=\"javascript:parent.{code}\"></iframe>",
               $"<!--<script>{code}//-->", $"\\u003cimg src=x onerror={code}\\u003e",
           ]
           select payload,
    ];

    [Fact]
    public async Task Rows_are_shown_and_a_hundred_payloads_run_no_script()
    {
        var study = StudyFixture.Study();
        using var folder = new TemporaryFolder();
        StudyFiles.Write(folder.Path, study with
        {
            Title = string.Concat(Payloads),
            RowIds = [.. study.RowIds.Select((id, row) => row < Payloads.Length ? Payloads[row] : id)],
            ClassNames = [.. Payloads],
            Factors = [.. study.Factors.Select((factor, i) => factor with { Name = string.Concat(Payloads.Where((_, place) => place % 3 == i)) })],
            Unlearners = [.. study.Unlearners.Select((unlearner, i) => unlearner with { Name = string.Concat(Payloads.Where((_, place) => place % 3 == i)) })],
        });
        var page = await OpenAsync($"{Path.Combine(folder.Path, StudyFiles.Report)}#row={Uri.EscapeDataString(Payloads[0])}");
        Assert.DoesNotContain($"data-x=\"{Mark}\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain($"<title>{Mark}</title>", page, StringComparison.Ordinal);
        // The script ran, on the payloads as text.
        Assert.Contains($"<h3 id=\"row-title\">Row &lt;script&gt;document.title='{Mark}'&lt;/script&gt;: ", page, StringComparison.Ordinal);
        Assert.Contains("30 of 30 rows, page 1 of 2", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_a_row_tells_its_values_places_and_contributions()
    {
        using var folder = new TemporaryFolder();
        StudyFiles.Write(folder.Path, StudyFixture.Study());
        var page = await OpenAsync($"{Path.Combine(folder.Path, StudyFiles.Report)}#row=7");
        var text = Regex.Replace(page[page.IndexOf("<h3 id=\"row-title\">", StringComparison.Ordinal)..], "<[^>]*>", " ");
        text = Regex.Replace(text, @"\s+", " ");
        Assert.StartsWith(" Row 7: dog Hardness Unlearner Score Rows below Label Predicted probability EU 0.2259 48 % ", text, StringComparison.Ordinal);
        Assert.Contains("Factor Value Rows below Adds BoundaryDistance -0.5842 43 % -0.58 Loss ", text, StringComparison.Ordinal);
        Assert.Contains("Nearest rows in the target: 14 (bird's), 0 (cat) Close ", text, StringComparison.Ordinal);
    }

    private static async Task<string> OpenAsync(string path)
    {
        var browser = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(browser is null, "Chromium is not installed.");
        using var profile = new TemporaryFolder();
        var start = new ProcessStartInfo(browser!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--virtual-time-budget=5000", $"--user-data-dir={profile.Path}",
                "--dump-dom", $"file://{path}",
            },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var page = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(page.Length == 0, $"Chromium does not start here: {await errors}");
        return page;
    }
}
