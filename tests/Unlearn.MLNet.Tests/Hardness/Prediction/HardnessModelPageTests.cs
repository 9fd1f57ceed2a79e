using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Prediction;

public sealed class HardnessModelPageTests
{
    private sealed class ErasureRow
    {
        public int RowId { get; set; }

        [VectorType(8)]
        public float[] Features { get; set; } = [];

        [KeyType(3)]
        public uint Label { get; set; }
    }

    private sealed class Advice
    {
        public string RecommendedMethod { get; set; } = "";

        [ColumnName("FT.ResidualMemoryBound")]
        public float FineTuningBound { get; set; }

        [ColumnName("nothing.ResidualMemoryBound")]
        public float NothingBound { get; set; }
    }

    [Fact]
    public void The_snippet_on_the_page_is_the_code_below() => Snippets.AssertIsIn("hardness-model.md", "HardnessModelPageTests.cs", "hardness-model");

    [Fact]
    public async Task The_snippet_runs_from_labels_to_advice_for_a_row_that_was_never_labeled()
    {
        using var folder = new TemporaryFolder();
        var modelPath = folder.File("hardness.zip");
        var mlContext = new MLContext(seed: 1);
        var rows = TinyStudy.View(mlContext, 200);
        var labels = await mlContext.Data.LabelUnlearningHardnessAsync(
            rows, TinyStudy.LabelingOptions, cancellationToken: TestContext.Current.CancellationToken);
        using var trainingRows = TrainingRows.FromDataView(rows);
        using var target = TinyStudy.Recipe.Train(trainingRows, Enumerable.Range(0, trainingRows.Count).ToArray(), seed: 1);
        var row = mlContext.Data.CreateEnumerable<ErasureRow>(TinyStudy.View(mlContext, 10, seed: 2), reuseRowObject: false).Last();

        // <hardness-model>
        var hardness = mlContext.Transforms.UnlearnFactors("UnlearnFactors", target)
            .Append(mlContext.Transforms.UnlearningHardness(labels))
            .Fit(rows);
        mlContext.Model.Save(hardness, rows.Schema, modelPath);

        var loaded = mlContext.Model.Load(modelPath, out _);
        var engine = mlContext.Model.CreatePredictionEngine<ErasureRow, Advice>(loaded);
        var advice = engine.Predict(row);
        Console.WriteLine($"{advice.RecommendedMethod}: at most {advice.FineTuningBound} with 90 % confidence");
        // </hardness-model>

        var tolerance = labels.GetColumn<float>("ResidualMemoryTolerance").First();
        Assert.Equal(tolerance, hardness.LastTransformer.Tolerance, 5);
        var wanted = advice.NothingBound <= tolerance
            ? "nothing"
            : advice.FineTuningBound <= tolerance && hardness.LastTransformer.Methods.Contains("FT") ? "FT"
            : "EU";
        Assert.Equal(wanted, advice.RecommendedMethod);
        engine.Dispose();
    }

    [Fact]
    public async Task Labels_have_what_a_hardness_model_learns_from()
    {
        var labels = await new MLNet.Labeling.HardnessLabeler(TinyStudy.LabelingOptions with { TargetSeed = null })
            .RunAsync(TinyStudy.View(new MLContext(1), 120), cancellationToken: TestContext.Current.CancellationToken);
        var view = labels.ToDataView();
        Assert.All(view.GetColumn<bool>("EU.Exact"), Assert.True);
        Assert.All(view.GetColumn<bool>("FT.Exact"), Assert.False);
        Assert.Single(view.GetColumn<float>("FT.Seconds").Distinct());
        Assert.True(view.GetColumn<float>("EU.Seconds").First() > 0);
        // A row lies above the tolerance exactly where its score lies above the noise of retraining.
        var tolerance = Assert.Single(view.GetColumn<float>("ResidualMemoryTolerance").Distinct());
        Assert.Equal(labels.Scores[1].AboveNoise!, view.GetColumn<float>("FT.ResidualMemory").Select(memory => memory > tolerance));
        Assert.All(view.GetColumn<float>("Retrained.LogitConfidenceDeviation"), deviation => Assert.InRange(deviation, 1e-3f, 100));
        Assert.Equal(labels.Baselines.Retrained!.Select(normal => (float)normal.Mean), view.GetColumn<float>("Retrained.LogitConfidence"));
        // The target remembers its rows; models that never saw them do not.
        Assert.True(view.GetColumn<float>("nothing.ResidualMemory").Average() > view.GetColumn<float>("EU.ResidualMemory").Average());
    }
}
