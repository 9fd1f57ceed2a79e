using System.Globalization;
using System.Text.Json;
using Unlearn.MLNet;
using Unlearn.MLNet.Labeling;
using Unlearn.MLNet.Reports;
using Unlearn.Transforms;

namespace Unlearn.Cli.Studies;

/// <summary>What a study has written to its output folder.</summary>
internal static class StudyFolder
{
    private const string RowId = "RowId";
    private const string Label = "Label";
    private const string Score = "Score";

    /// <summary>Reads factors, hardness scores and labels. Near-duplicates are not in the files: every row is a group of its own.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="unlearner">Short name of the unlearner whose labels are read.</param>
    /// <exception cref="IOException">A file of the study is missing.</exception>
    /// <exception cref="InvalidDataException">The files are not those of one study, or it has no such unlearner.</exception>
    public static TransferDataSet Read(string folder, string unlearner)
    {
        using var summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, StudyFiles.Summary)));
        var title = summary.RootElement.GetProperty("title").GetString()!;
        var tiers = summary.RootElement.GetProperty("factors").EnumerateArray().ToDictionary(
            factor => factor.GetProperty("name").GetString()!, factor => Enum.Parse<FactorTier>(factor.GetProperty("tier").GetString()!));
        var (factorNames, factors) = ReadTable(Path.Combine(folder, StudyFiles.Factors));
        var (hardnessNames, hardness) = ReadTable(Path.Combine(folder, StudyFiles.Hardness));
        var label = Array.IndexOf(hardnessNames, $"{unlearner}_{Label}");
        if (label < 0)
        {
            var others = hardnessNames.Where(name => name.EndsWith($"_{Label}", StringComparison.Ordinal)).Select(name => name[..^(Label.Length + 1)]);
            throw new InvalidDataException($"The study in '{folder}' has no labels of {unlearner}: choose one of {string.Join(", ", others)}.");
        }
        if (!factors.Select(row => row[0]).SequenceEqual(hardness.Select(row => row[0]), StringComparer.Ordinal))
            throw new InvalidDataException(
                $"The rows of '{StudyFiles.Factors}' and '{StudyFiles.Hardness}' in '{folder}' are not the same: run the study again.");
        var score = Array.IndexOf(hardnessNames, $"{unlearner}_{Score}");
        var classes = Array.IndexOf(factorNames, Label);
        return new()
        {
            Name = title,
            Factors = [.. factorNames.Index().Where(column => column.Item is not (RowId or Label)).Select(column => new FactorColumn
            {
                Name = column.Item,
                Tier = tiers[column.Item],
                Values = [.. factors.Select(row => float.Parse(row[column.Index], CultureInfo.InvariantCulture))],
            })],
            Labels = [.. hardness.Select(row => row[label] == "1")],
            Groups = [.. Enumerable.Range(0, factors.Length)],
            RowIds = [.. factors.Select(row => row[0])],
            Classes = [.. factors.Select(row => int.Parse(row[classes], CultureInfo.InvariantCulture))],
            Scores = [.. hardness.Select(row => double.Parse(row[score], CultureInfo.InvariantCulture))],
            Reliability = ReliabilityOf(summary.RootElement, unlearner),
        };
    }

    private static ScoreReliability ReliabilityOf(JsonElement summary, string unlearner)
    {
        var auc = summary.GetProperty("unlearners").EnumerateArray()
            .Where(found => found.GetProperty("name").GetString() == unlearner)
            .Select(found => found.GetProperty("reliability"))
            .FirstOrDefault();
        var spearman = double.NaN;
        if (summary.GetProperty("agreement") is { ValueKind: JsonValueKind.Object } agreement)
        {
            var halves = agreement.GetProperty("acrossHalves");
            var place = halves.GetProperty("names").EnumerateArray().Index().First(name => name.Item.GetString() == unlearner).Index;
            spearman = Number(halves.GetProperty("spearman")[place][place]);
        }
        return new(Number(auc), spearman);

        static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;
    }

    private static (string[] Names, string[][] Rows) ReadTable(string path)
    {
        string[][] lines = [.. CsvText.Read(File.ReadAllText(path))];
        return (lines[0], lines[1..]);
    }
}
