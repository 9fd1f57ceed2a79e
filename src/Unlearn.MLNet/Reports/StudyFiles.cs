using System.Text;
using Unlearn.MLNet.Reports;
using Unlearn.MLNet.Reports.Charts;
using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet;

/// <summary>Writes what a study found into a folder: three tables, a summary for programs, a report for people and its main charts.</summary>
/// <remarks>
/// The same study gives the same bytes, on any machine and in any culture. Tables are CSV after RFC 4180, but with <c>\n</c> as line end: UTF-8
/// without a byte order mark, numbers in the shortest form that reads back as the same value, undefined ones as <c>NaN</c>. Each file is replaced
/// at once, and the summary last: where it is, the others are.
/// </remarks>
public static class StudyFiles
{
    /// <summary>Name of the table of factors: <c>RowId</c>, <c>Label</c> (class number) and one column per factor.</summary>
    public const string Factors = "factors.csv";

    /// <summary>
    /// Name of the table of hardness: <c>RowId</c> and, for each unlearner, its name with <c>_Score</c>, <c>_Label</c> (1 for hard, else 0) and
    /// <c>_Probability</c> (predicted by a model that never saw the row).
    /// </summary>
    public const string Hardness = "hardness.csv";

    /// <summary>
    /// Name of the table of outcomes: <c>RowId</c> and, for each unlearner and outcome, both names joined by <c>_</c>, the same with <c>Error</c>
    /// (standard error), and for steps to forget with <c>Censored</c> (share of trials).
    /// </summary>
    public const string Outcomes = "outcomes.csv";

    /// <summary>Name of the summary in JSON; undefined numbers are null.</summary>
    public const string Summary = "summary.json";

    /// <summary>Name of the report.</summary>
    public const string Report = "report.html";

    /// <summary>Name of the chart of <see cref="RenderAuc"/>.</summary>
    public const string AucChart = "auc.svg";

    /// <summary>Name of the chart of transfer between unlearners; a study of a single one has none.</summary>
    public const string TransferChart = "transfer.svg";

    /// <summary>Writes all files. Files of an earlier study are replaced.</summary>
    /// <param name="folder">Output folder; made if missing.</param>
    /// <param name="study">The study.</param>
    /// <param name="picture">Picture of a row by its id, for the report's gallery; null for rows that have none.</param>
    /// <exception cref="ArgumentException">A list of the study does not have one value per row.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, StudyResult study, Func<string, RowPicture?>? picture = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(study);
        StudyCheck.Lengths(study);
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, Factors), stream => StudyTables.WriteFactors(stream, study));
        AtomicFile.Write(Path.Combine(folder, Hardness), stream => StudyTables.WriteHardness(stream, study));
        AtomicFile.Write(Path.Combine(folder, Outcomes), stream => OutcomesFile.Write(stream, study));
        AtomicFile.Write(Path.Combine(folder, Report), stream => stream.Write(Encoding.UTF8.GetBytes(HtmlReport.Render(study, picture))));
        WriteCharts(folder, study);
        AtomicFile.Write(Path.Combine(folder, Summary), stream => StudySummary.Write(stream, study));
    }

    /// <summary>
    /// The chart of each unlearner's AUC with its interval, ceiling and the loss alone: an SVG file, light and dark, that refers to nothing outside.
    /// </summary>
    /// <param name="study">The study.</param>
    public static string RenderAuc(StudyResult study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return Render(html => Reports.Charts.AucChart.Write(html, study));
    }

    /// <summary>The heat map of transfer between unlearners as an SVG file, with models that were trained on all others in the last line.</summary>
    /// <param name="agreement">The agreement of a study's unlearners.</param>
    public static string RenderTransfer(UnlearnerAgreement agreement)
    {
        ArgumentNullException.ThrowIfNull(agreement);
        return Render(html => TransferHeatMap.Write(html, agreement));
    }

    /// <summary>The heat map of transfer between data sets or targets as an SVG file.</summary>
    /// <param name="title">Title.</param>
    /// <param name="matrix">The AUCs.</param>
    public static string RenderTransfer(string title, TransferMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return Render(html => TransferHeatMap.Write(html, title, matrix));
    }

    private static void WriteCharts(string folder, StudyResult study)
    {
        AtomicFile.Write(Path.Combine(folder, AucChart), stream => stream.Write(Encoding.UTF8.GetBytes(RenderAuc(study))));
        var transfer = Path.Combine(folder, TransferChart);
        if (study.Agreement is { } agreement)
            AtomicFile.Write(transfer, stream => stream.Write(Encoding.UTF8.GetBytes(RenderTransfer(agreement))));
        else
            File.Delete(transfer);
    }

    private static string Render(Action<HtmlWriter> write)
    {
        HtmlWriter html = new() { IsChartFile = true };
        write(html);
        return html.ToString();
    }
}
