namespace Unlearn.MLNet.Reports.Html;

/// <summary>The head of a page that refers to nothing outside.</summary>
internal static class HtmlPage
{
    /// <summary>Writes the head and opens the body.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="title">Title.</param>
    /// <param name="policy">What the page may load or run beyond its style sheet, as a content security policy says it; empty for nothing.</param>
    /// <param name="css">Rules beyond those of reports, each line ended; empty for none.</param>
    public static void Begin(HtmlWriter html, string title, string policy = "", string css = "")
    {
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            + $"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'{policy}\">\n");
        html.Line($"<title>{title}</title>");
        html.Raw($"<style>\n{ReportStyle.Css}\n{css}</style>\n</head>\n<body>\n<main>\n");
    }
}
