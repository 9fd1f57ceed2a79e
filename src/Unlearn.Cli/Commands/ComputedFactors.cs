using System.Globalization;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Reports;
using Unlearn.Transforms;

namespace Unlearn.Cli.Commands;

/// <summary>The factors of a model's rows, read in one pass: a second one would compute them again.</summary>
/// <param name="Factors">The factors.</param>
/// <param name="RowIds">One id a row.</param>
/// <param name="Values">One array a row: a value of each factor.</param>
internal sealed record ComputedFactors(IReadOnlyList<IHardnessFactor> Factors, IReadOnlyList<string> RowIds, IReadOnlyList<float[]> Values)
{
    public static ComputedFactors Compute(
        MLContext context, IDataView rows, string rowIdColumn, FactorProgress progress, UnlearnFactorsEstimator.Options options)
    {
        progress.Report("fitting");
        var computed = context.Transforms.UnlearnFactors(options).Fit(rows).Transform(rows);
        progress.Report("computing");
        var values = new List<float[]>();
        foreach (var row in computed.GetColumn<float[]>(options.OutputColumnName))
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            values.Add(row);
        }
        progress.Report("computed");
        return new(options.Factors!, [.. rows.GetColumn<string>(rowIdColumn)], values);
    }

    /// <summary>Writes a line for every row; numbers in the shortest form that reads back as the same value.</summary>
    public void WriteCsv(Stream stream)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine(string.Join(',', ["RowId", .. Factors.Select(factor => factor.Name)]));
        foreach (var (id, values) in RowIds.Zip(Values))
            writer.WriteLine(string.Join(',', [CsvText.Cell(id), .. values.Select(value => value.ToString("R", CultureInfo.InvariantCulture))]));
    }
}
