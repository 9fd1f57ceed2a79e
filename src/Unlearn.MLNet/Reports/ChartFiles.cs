using System.Text;
using Unlearn.MLNet.Reports;
using Unlearn.MLNet.Reports.Charts;
using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet;

/// <summary>Charts as SVG files of their own, light and dark, which pages and Markdown can show as images. They refer to nothing outside.</summary>
public static class ChartFiles
{
    /// <summary>AUC of each unlearner with its interval, ceiling and the loss alone.</summary>
    /// <param name="study">The study.</param>
    public static string Auc(StudyResult study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return Render(html => AucChart.Write(html, study));
    }

    /// <summary>Heat map of transfer between unlearners, with models that were trained on all others in the last line.</summary>
    /// <param name="agreement">The agreement of a study's unlearners.</param>
    public static string Transfer(UnlearnerAgreement agreement)
    {
        ArgumentNullException.ThrowIfNull(agreement);
        return Render(html => TransferHeatMap.Write(html, agreement));
    }

    /// <summary>Heat map of transfer between data sets or targets.</summary>
    /// <param name="title">Title.</param>
    /// <param name="matrix">The AUCs.</param>
    public static string Transfer(string title, TransferMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return Render(html => TransferHeatMap.Write(html, title, matrix));
    }

    internal static void Write(string folder, StudyResult study)
    {
        AtomicFile.Write(Path.Combine(folder, StudyFiles.AucChart), stream => stream.Write(Encoding.UTF8.GetBytes(Auc(study))));
        var transfer = Path.Combine(folder, StudyFiles.TransferChart);
        if (study.Agreement is { } agreement)
            AtomicFile.Write(transfer, stream => stream.Write(Encoding.UTF8.GetBytes(Transfer(agreement))));
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
