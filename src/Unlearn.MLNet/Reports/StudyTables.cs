using System.Globalization;
using System.Text;

namespace Unlearn.MLNet.Reports;

/// <summary>The tables of a study as CSV; the form is documented at <see cref="StudyFiles"/>.</summary>
internal static class StudyTables
{
    public static void WriteFactors(Stream stream, StudyResult study) => Write(
        stream,
        ["RowId", "Label", .. study.Factors.Select(f => f.Name)],
        study.RowIds.Select((id, row) => (string[])[id, Number(study.Labels[row]), .. study.Factors.Select(f => Number(f.Values[row]))]));

    public static void WriteHardness(Stream stream, StudyResult study) => Write(
        stream,
        ["RowId", .. study.Unlearners.SelectMany(u => (string[])[$"{u.Name}_Score", $"{u.Name}_Label", $"{u.Name}_Probability"])],
        study.RowIds.Select((id, row) => (string[])[id, .. study.Unlearners.SelectMany(u => Hardness(u, row))]));

    private static string[] Hardness(UnlearnerResult unlearner, int row) =>
        [Number(unlearner.Scores[row]), unlearner.Labels[row] ? "1" : "0", Number(unlearner.Evaluation.Predictions[row])];

    internal static void Write(Stream stream, string[] header, IEnumerable<string[]> rows)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        foreach (var row in rows.Prepend(header))
            writer.WriteLine(string.Join(',', row.Select(CsvText.Cell)));
    }

    internal static string Number<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
