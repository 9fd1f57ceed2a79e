using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet;
using Unlearn.Tests;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Evaluation;

public sealed class EvaluationPageTests
{
    [Theory]
    [InlineData("comparison")]
    [InlineData("trainer")]
    public void TheSnippetOnThePageIsTheCodeBelow(string name) => Snippets.AssertIsIn("evaluation.md", "EvaluationPageTests.cs", name);

    [Fact]
    public void TheSnippetsRun()
    {
        var mlContext = new MLContext(seed: 1);
        using var rows = TinyStudy.Rows(PlantedHardness.Rows);
        var factors = PlantedHardness.Factors();
        HardnessScores[] scores = [PlantedHardness.Scores("X", 10), PlantedHardness.Scores("Y", 11)];

        // <comparison>
        var groups = NearDuplicateGroups.Find(rows.CopyFeatures(), rows.FeatureCount);
        var comparison = HardnessEvaluator.Compare(factors, scores, groups, new HardnessOptions(), seed: 1);

        var evaluation = comparison.Evaluations[0];
        Console.WriteLine(evaluation.Auc);                                    // with its 95 % interval
        Console.WriteLine(evaluation.Verdicts[0]);                            // PASS: lower end of the AUC's interval 0.909, target above 0.82
        var predictions = evaluation.PredictionsToDataView(mlContext, rows.Ids); // BinaryClassification.Evaluate takes it as it is
        // </comparison>

        // <trainer>
        var options = new HardnessOptions
        {
            Trainer = new HardnessTrainer("perceptron", context => context.Transforms.NormalizeMeanVariance("Features")
                .Append(context.BinaryClassification.Trainers.AveragedPerceptron())),
        };
        // </trainer>

        Assert.StartsWith("PASS: lower end of the AUC's interval 0.9", evaluation.Verdicts[0].ToString(), StringComparison.Ordinal);
        Assert.Equal(evaluation.Auc.Value, mlContext.BinaryClassification.Evaluate(predictions).AreaUnderRocCurve, 1e-6);
        var other = HardnessEvaluator.Evaluate(factors, scores[0], groups, options with { Subsets = false, Permutations = 0 }, seed: 1);
        Assert.All(other.Trainers, trainer => Assert.Equal("perceptron", trainer));
        Assert.InRange(other.Auc.Value, 0.9, 1);
    }
}
