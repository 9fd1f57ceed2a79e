using System.Globalization;
using System.Text.Json;
using Unlearn.MLNet;
using Unlearn.MLNet.Reports;
using Unlearn.Transforms;

namespace Unlearn.Cli.Studies;

/// <summary>What a study has written to its output folder.</summary>
internal static class StudyFolder
{
    private const string RowId = "RowId";
    private const string Label = "Label";

    /// <summary>Reads factors and hardness labels. Near-duplicates are not in the files: every row is a group of its own.</summary>
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
        };
    }

    private static (string[] Names, string[][] Rows) ReadTable(string path)
    {
        string[][] lines = [.. CsvText.Read(File.ReadAllText(path))];
        return (lines[0], lines[1..]);
    }
}
