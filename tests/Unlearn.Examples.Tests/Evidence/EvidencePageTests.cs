using System.Text.Json;
using System.Text.RegularExpressions;
using Unlearn.Examples.ErasureRequests;
using Xunit;

namespace Unlearn.Examples.Tests.Evidence;

/// <summary>The tables of docs/evidence are made of the summaries beside them. To accept a change, run with UPDATE_GOLDEN=1 and read the difference.</summary>
public sealed partial class EvidencePageTests
{
    private static readonly Lazy<string> Folder = new(() => Find(new DirectoryInfo(AppContext.BaseDirectory)));

    [Fact]
    public void The_tables_are_those_of_the_summaries()
    {
        var path = Path.Combine(Folder.Value, "README.md");
        var page = File.ReadAllText(path);
        var expected = Block().Replace(page, block => $"<!-- begin {block.Groups[1].Value} -->\n\n{Table(block.Groups[1].Value.Split(' '))}\n<!-- end -->");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, expected);
        Assert.Equal(13, Block().Count(page));
        Assert.Equal(expected, File.ReadAllText(path));
    }

    [Fact]
    public void Every_study_has_its_charts_on_the_page_and_every_picture_is_there()
    {
        var page = string.Concat(Directory.GetFiles(Folder.Value, "*.md").Select(File.ReadAllText));
        string[] pictures = [.. Picture().Matches(page).Select(picture => picture.Groups[1].Value)];
        Assert.All(pictures, picture => Assert.True(File.Exists(Path.Combine(Folder.Value, picture)), picture));
        Assert.Equal(
            Directory.GetFiles(Folder.Value, "*.svg", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Folder.Value, file))
                .Order(StringComparer.Ordinal),
            pictures.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_tables_of_erasure_policies_are_those_that_the_runs_wrote()
    {
        var path = Path.Combine(Folder.Value, "erasure.md");
        var page = File.ReadAllText(path);
        var expected = Block().Replace(page, block => $"<!-- begin {block.Groups[1].Value} -->\n\n{Policies(block.Groups[1].Value)}\n<!-- end -->");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, expected);
        Assert.Equal(3, Block().Count(page));
        Assert.Equal(expected, File.ReadAllText(path));

        static string Policies(string name) => File.ReadAllText(Path.Combine(Folder.Value, "erasure", $"{name}.md"));
    }

    [Theory]
    [InlineData("fashion", "Fashion-MNIST, 1200 rows")]
    [InlineData("imdb", "IMDb reviews, bag of words, 1500 rows")]
    [InlineData("adult", "Adult, mlp, 2000 rows")]
    public void The_charts_of_erasure_policies_are_those_of_their_tables(string name, string title)
    {
        var path = Path.Combine(Folder.Value, "erasure", $"{name}.svg");
        var chart = ValueFiles.Render(title, ValueFiles.ReadCosts(File.ReadAllText(Path.Combine(Folder.Value, "erasure", $"{name}.csv"))));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, chart);
        Assert.Equal(File.ReadAllText(path), chart);
        Assert.StartsWith(title, File.ReadAllText(Path.Combine(Folder.Value, "erasure", $"{name}.md")), StringComparison.Ordinal);
    }

    private static string Table(string[] words)
    {
        return words switch
        {
            ["overview", .. var names] => EvidenceTables.Overview([.. names.Select(name => (name, Summary(name)))]),
            ["factors", .. var names] => EvidenceTables.SingleFactors([.. names.Select(Summary)]),
            ["single-rows", .. var names] => EvidenceTables.SingleRows([.. names.Select(name => (name, Summary(name)))]),
            ["study", var name] => EvidenceTables.Study(Summary(name)),
            ["transfer", var name] => EvidenceTables.Transfer(Read(name, "transfer.json")),
            _ => throw new InvalidDataException($"No table is called '{string.Join(' ', words)}'."),
        };

        static JsonElement Summary(string name) => Read(name, "summary.json");
    }

    private static JsonElement Read(string name, string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder.Value, name, file)));
        return document.RootElement.Clone();
    }

    private static string Find(DirectoryInfo folder) => Path.Combine(folder.FullName, "docs", "evidence") is var path && Directory.Exists(path)
        ? path
        : Find(folder.Parent ?? throw new DirectoryNotFoundException("No docs/evidence above the test program."));

    [GeneratedRegex("<!-- begin ([^>]*) -->.*?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"!\[[^\]]*\]\(([^)]*)\)")]
    private static partial Regex Picture();
}
