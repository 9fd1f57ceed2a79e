using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Targets;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors;

/// <summary>The table in docs/factors.md is made of the code. To accept a change, run with UPDATE_GOLDEN=1.</summary>
public sealed class FactorTableTests
{
    private const string Start = "<!-- factors: generated from the code by FactorTableTests -->\n";
    private const string End = "<!-- end of factors -->";

    [Fact]
    public void The_table_in_the_documentation_is_that_of_the_code()
    {
        var path = Find(new DirectoryInfo(AppContext.BaseDirectory));
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        var (start, end) = (text.IndexOf(Start, StringComparison.Ordinal) + Start.Length, text.IndexOf(End, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, text[..start] + Table() + text[end..]);
        else
            Assert.Equal(Table(), text[start..end]);
    }

    private static string Table() => string.Concat(HardnessFactors.All.Append(HardnessFactors.LeafInfluence).OrderBy(factor => factor.Tier).Select(Row)
        .Prepend("| factor | tier | formula and range | needs | cost of a row | source |\n| --- | --- | --- | --- | --- | --- |\n"));

    private static string Row(IHardnessFactor factor) =>
        $"| {string.Join(" | ", new[] { $"`{factor.Name}`", $"{factor.Tier}", factor.Formula, string.Join(", ", Needs(factor)), factor.Cost, factor.Source }.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n";

    private static IEnumerable<string> Needs(IHardnessFactor factor)
    {
        if (factor.NeedsLabel)
            yield return "label";
        if (factor.NeedsRowId)
            yield return "row id";
        if (factor.Requires.HasFlag(TargetCapabilities.InputGradients))
            yield return "gradients of the features";
        if (factor.Requires.HasFlag(TargetCapabilities.ParameterGradients))
            yield return "gradients of the parameters";
        if (factor.Requires.HasFlag(TargetCapabilities.LinearOutput))
            yield return "linear output layer";
        if (factor.Requires.HasFlag(TargetCapabilities.LeafValues))
            yield return "trees";
        if (factor.Statistic is { } statistic)
            yield return $"fit: `{statistic.Name}`";
    }

    private static string Find(DirectoryInfo folder) => Path.Combine(folder.FullName, "docs", "factors.md") is var path && File.Exists(path)
        ? path
        : Find(folder.Parent ?? throw new DirectoryNotFoundException("No docs/factors.md above the test program."));
}
