using Microsoft.ML;
using Unlearn.Transforms.Tests.MLNetModels.Trees;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.Catalog;

/// <summary>The tables in docs/factors.md are made of the code. To accept a change, run with UPDATE_GOLDEN=1.</summary>
public sealed class FactorTableTests
{
    private const int Width = 6;

    [Fact]
    public void The_table_of_factors_in_the_documentation_is_that_of_the_code() => Check("factors", Table());

    [Fact]
    public void The_table_of_targets_in_the_documentation_is_that_of_the_code()
    {
        using var rows = TinyRows.Training(30, Width);
        using var torch = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5), rows);
        using var linear = Trained(rows, context => context.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        using var blackBox = Trained(rows, context => context.MulticlassClassification.Trainers.NaiveBayes());
        var context = new MLContext(1);
        using var trees = TreeEnsembleTarget.FromModel(TinyTrees.Train("FastTree", context, TinyTrees.View(context, TinyTrees.Create(60))));
        Check("targets", string.Concat(
            "| target | T0 | T1 | T2 | T3 |\n| --- | --- | --- | --- | --- |\n",
            TargetRow("a Torch module, trained by a `TorchRecipe`", torch, hasTrace: true),
            TargetRow("a Torch module that was trained elsewhere: `TorchTarget.FromModule`", torch, hasTrace: false),
            TargetRow("a linear model of ML.NET: `MLNetTarget.FromTransformer`", linear, hasTrace: false),
            TargetRow("a FastTree or LightGBM of ML.NET, also multiclass or under `OneVersusAll`, or a binary FastForest: `TreeEnsembleTarget.FromModel`, "
                + "`MLNetTarget.FromTransformer`", trees, hasTrace: false),
            TargetRow(
                "any other classifier of ML.NET: `MLNetTarget.FromTransformer`; an ONNX model: `OnnxTarget` of `Unlearn.Onnx`; "
                    + "a text classifier: `TextClassifier` of `Unlearn.TextClassification`", blackBox, hasTrace: false)));
    }

    private static ITarget Trained(TrainingRows rows, Func<MLContext, IEstimator<ITransformer>> estimator) =>
        new EstimatorRecipe("table", estimator).Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);

    private static string TargetRow(string name, ITarget target, bool hasTrace) => $"| {string.Join(" | ", Enum.GetValues<FactorTier>().Select(tier =>
    {
        var all = HardnessFactors.All.Where(factor => factor.Tier == tier).ToList();
        var known = all.Concat(tier == FactorTier.T1 ? [HardnessFactors.LeafInfluence] : []);
        var given = known.Where(factor => (factor.Requires & ~target.Capabilities) == 0 && (hasTrace || tier != FactorTier.T2)).ToList();
        return given.Count == all.Count ? "all" : given.Count == 0 ? "none" : string.Join(", ", given.Select(factor => $"`{factor.Name}`"));
    }).Prepend(name))} |\n";

    private static void Check(string name, string table)
    {
        var (startMark, endMark) = ($"<!-- {name}: generated from the code by FactorTableTests -->\n", $"<!-- end of {name} -->");
        var path = Find(new DirectoryInfo(AppContext.BaseDirectory));
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        var (start, end) = (text.IndexOf(startMark, StringComparison.Ordinal) + startMark.Length, text.IndexOf(endMark, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, text[..start] + table + text[end..]);
        else
            Assert.Equal(table, text[start..end]);
    }

    private static string Table() => string.Concat(HardnessFactors.All.Append(HardnessFactors.LeafInfluence).OrderBy(factor => factor.Tier).Select(Row)
        .Prepend("| factor | tier | formula and range | needs | cost of a row | source |\n| --- | --- | --- | --- | --- | --- |\n"));

    private static string Row(IHardnessFactor factor)
    {
        string[] cells = [$"`{factor.Name}`", $"{factor.Tier}", factor.Formula, string.Join(", ", Needs(factor)), factor.Cost, factor.Source];
        return $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n";
    }

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
