using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Charts;

/// <summary>AUCs of transfer: trained on the line, tested on the column.</summary>
internal static class TransferHeatMap
{
    /// <summary>Writes the AUCs of transfer between unlearners, with a last line for models that were trained on all other unlearners.</summary>
    public static void Write(HtmlWriter html, UnlearnerAgreement agreement)
    {
        var (names, matrix) = (agreement.Transfer.Names, agreement.Transfer.Auc);
        HeatMap.Write(
            html,
            "AUC of transfer between unlearners",
            [.. names.Select(name => (name, string.Empty)), ("all others", string.Empty)],
            names,
            (row, column) => row < names.Count ? matrix[row][column].Value : agreement.LeaveOneOut[column].Value,
            HeatScale.Auc);
    }

    /// <summary>Writes the heat map of any matrix.</summary>
    public static void Write(HtmlWriter html, string title, TransferMatrix matrix) =>
        HeatMap.Write(
            html, title, [.. matrix.Names.Select(name => (name, string.Empty))], matrix.Names, (row, column) => matrix.Auc[row][column].Value, HeatScale.Auc);
}
