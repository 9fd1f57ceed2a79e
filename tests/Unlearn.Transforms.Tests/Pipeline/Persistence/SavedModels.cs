using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Tests.MLNetModels.Trees;

namespace Unlearn.Transforms.Tests.Pipeline.Persistence;

/// <summary>
/// Models that an earlier tree of this repository saved, each with a few rows and the factors that it gave them. Rows of several classes have a key
/// as their label, rows of trees a Boolean. <see cref="SavedModelWriter"/> makes them. To the CNN all rows are the same, so its NeighborDisagreement is
/// that of the rule for ties, which is younger than the file.
/// </summary>
internal static class SavedModels
{
    public static readonly string[] Names = ["mlp", "cnn", "linear", "trees", "black-box"];

    /// <summary>Rows as they were put in, names of the factors, and the factors of each row.</summary>
    public sealed record Values(List<TinyRows.Row> Rows, string[] Factors, float[][] Expected);

    public static string ModelPath(string folder, string name) => Path.Combine(folder, name + ".zip");

    public static string ValuesPath(string folder, string name) => Path.Combine(folder, name + ".csv");

    public static IDataView View(MLContext context, string name, IReadOnlyList<TinyRows.Row> rows) => name == "trees"
        ? TinyTrees.View(context, rows.Select(row => new TinyTrees.Row { RowId = row.RowId, Features = row.Features, Label = row.Label == 2 }))
        : TinyRows.View(context, rows, rows[0].Features.Length);

    /// <summary>The factors of all rows; names of the factors are those of the vector's slots.</summary>
    public static Values Score(MLContext context, ITransformer model, string name, List<TinyRows.Row> rows)
    {
        var output = model.Transform(View(context, name, rows));
        var slots = default(VBuffer<ReadOnlyMemory<char>>);
        output.Schema["UnlearnFactors"].GetSlotNames(ref slots);
        return new(rows, [.. slots.DenseValues().Select(slot => slot.ToString())], [.. output.GetColumn<float[]>("UnlearnFactors")]);
    }

    /// <summary>One line per row: id, label as the key's number, features, factors. Numbers are written such that reading gives the same bits.</summary>
    public static void Write(string path, Values values) => File.WriteAllLines(path,
    [
        string.Join(',', ["RowId", "Label", .. values.Rows[0].Features.Select((_, i) => $"x{i}"), .. values.Factors]),
        .. values.Rows.Zip(values.Expected, (row, factors) => string.Join(',',
            [row.RowId, row.Label.ToString(CultureInfo.InvariantCulture), .. row.Features
                .Concat(factors)
                .Select(value => value.ToString("R", CultureInfo.InvariantCulture))])),
    ]);

    public static Values Read(string path)
    {
        string[][] lines = [.. File.ReadLines(path).Select(line => line.Split(','))];
        var features = lines[0].Count(name => name[0] == 'x');
        float[] Numbers(IEnumerable<string> cells) => [.. cells.Select(cell => float.Parse(cell, CultureInfo.InvariantCulture))];
        return new(
            [.. lines[1..].Select(cells => new TinyRows.Row
            {
                RowId = cells[0],
                Label = uint.Parse(cells[1], CultureInfo.InvariantCulture),
                Features = Numbers(cells[2..(2 + features)]),
            })],
            lines[0][(2 + features)..],
            [.. lines[1..].Select(cells => Numbers(cells[(2 + features)..]))]);
    }
}
