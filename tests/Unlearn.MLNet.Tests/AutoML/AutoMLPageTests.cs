using Unlearn.MLNet;
using Unlearn.MLNet.Tests.Hardness;
using Unlearn.Tests;
using Xunit;

namespace Unlearn.MLNet.Tests.AutoML;

public sealed class AutoMLPageTests
{
    [Theory]
    [InlineData("AutoMLSamples.cs", "automl-factors")]
    [InlineData("AutoMLSamples.cs", "automl-hardness")]
    [InlineData("AutoMLPageTests.cs", "hardness-search")]
    public void The_snippets_on_the_page_are_code_that_is_compiled(string file, string name) => Snippets.AssertIsIn("automl.md", file, name);

    [Fact]
    public async Task The_search_on_the_page_runs()
    {
        using var folder = new TemporaryFolder();
        var (factors, hard, groups) = (PlantedHardness.Factors(), PlantedHardness.Labels(1), PlantedHardness.Groups);
        var journalPath = folder.File("search.json");

        // <hardness-search>
        var options = new HardnessSearchOptions { Budget = TimeSpan.FromMinutes(5), MostTrials = 4, JournalPath = journalPath };
        var found = await HardnessSearch.RunAsync(factors, hard, groups, options);
        Console.WriteLine($"{found.Trainer}: {found.Auc:F3}, defaults {found.DefaultAuc:F3}");
        var evaluated = new HardnessOptions { Trainer = found.Trainer };
        // </hardness-search>

        Assert.Equal(4, found.Trials.Count);
        Assert.Same(found.Trainer, evaluated.Trainer);
        Assert.True(File.Exists(journalPath));
    }
}
