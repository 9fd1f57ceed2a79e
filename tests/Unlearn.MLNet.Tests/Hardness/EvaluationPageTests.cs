using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness;

public sealed class EvaluationPageTests
{
    [Theory]
    [InlineData("comparison")]
    [InlineData("trainer")]
    public void TheSnippetOnThePageIsTheCodeBelow(string name) => Assert.Contains(Snippet(name), File.ReadAllText(Copied("evaluation.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);

    [Fact]
    public void TheSnippetsRun()
    {
        var mlContext = new MLContext(seed: 1);
        using var rows = TinyStudy.Rows(PlantedHardness.Rows);
        var factors = PlantedHardness.Factors();
        HardnessScores[] scores = [PlantedHardness.Scores("X", 10), PlantedHardness.Scores("Y", 11)];

        // <snippet comparison>
        var groups = NearDuplicateGroups.Find(rows.CopyFeatures(), rows.FeatureCount);
        var comparison = HardnessEvaluator.Compare(factors, scores, groups, new HardnessOptions(), seed: 1);

        var evaluation = comparison.Evaluations[0];
        Console.WriteLine(evaluation.Auc);                                    // with its 95 % interval
        Console.WriteLine(evaluation.Verdicts[0]);                            // PASS: lower end of the AUC's interval 0.909, target above 0.82
        var predictions = evaluation.PredictionsToDataView(mlContext, rows.Ids); // BinaryClassification.Evaluate takes it as it is
        // </snippet>

        // <snippet trainer>
        var options = new HardnessOptions
        {
            Trainer = new HardnessTrainer("perceptron", context => context.Transforms.NormalizeMeanVariance("Features")
                .Append(context.BinaryClassification.Trainers.AveragedPerceptron())),
        };
        // </snippet>

        Assert.StartsWith("PASS: lower end of the AUC's interval 0.9", evaluation.Verdicts[0].ToString(), StringComparison.Ordinal);
        Assert.Equal(evaluation.Auc.Value, mlContext.BinaryClassification.Evaluate(predictions).AreaUnderRocCurve, 1e-6);
        var other = HardnessEvaluator.Evaluate(factors, scores[0], groups, options with { Subsets = false, Permutations = 0 }, seed: 1);
        Assert.All(other.Trainers, trainer => Assert.Equal("perceptron", trainer));
        Assert.InRange(other.Auc.Value, 0.9, 1);
    }

    private static string Snippet(string name)
    {
        var lines = File.ReadAllLines(Copied("EvaluationPageTests.cs"));
        var first = Array.FindIndex(lines, line => line.Trim() == $"// <snippet {name}>");
        var last = Array.FindIndex(lines, first, line => line.Trim() == "// </snippet>");
        var indent = lines[first].IndexOf('/', StringComparison.Ordinal);
        return string.Join('\n', lines[(first + 1)..last].Select(line => line.Length > indent ? line[indent..] : ""));
    }

    private static string Copied(string file) => Path.Combine(AppContext.BaseDirectory, "Evaluation", file);
}
