using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Labeling;

public sealed class LabelsPageTests
{
    [Fact]
    public void TheSnippetOnThePageIsTheCodeBelow() => Snippets.AssertIsIn("labels.md", "LabelsPageTests.cs", "labels");

    [Fact]
    public async Task TheSnippetRuns()
    {
        using var folder = new TemporaryFolder();
        var data = TinyStudy.View(new MLContext(1), 200);
        var ledgerPath = folder.File("trials.db");
        List<StudyProgress> reports = [];
        var progress = new ProgressRecorder<StudyProgress>(reports);
        var cancellationToken = TestContext.Current.CancellationToken;

        // <labels>
        var mlContext = new MLContext(seed: 1);
        var recipe = new TorchRecipe(TorchArchitecture.Mlp(8, 3, 12)) { Epochs = 4 };
        var labels = await mlContext.Data.LabelUnlearningHardnessAsync(data, new HardnessLabelingOptions
        {
            Recipe = recipe,
            Unlearners = [new ExactRetraining(), new FineTuning()],
            CeilingGoal = 0.9,
            MaximumTrials = 300,
            MaximumTime = TimeSpan.FromMinutes(10),
            LedgerPath = ledgerPath,
        }, progress, cancellationToken);

        var chain = new EstimatorChain<ITransformer>()
            .Append(mlContext.Transforms.UnlearningHardnessLabels(labels, "RowId", "Hard"), TransformerScope.Training)
            .Append(mlContext.BinaryClassification.Trainers.FastTree(labelColumnName: "Hard"), TransformerScope.Everything);
        var model = chain.Fit(data).GetModelFor(TransformerScope.Scoring);
        // </labels>

        Assert.Equal(200, model.Transform(data).GetColumn<float>("Score").Count());
        Assert.Contains("Ceilings: EU", reports[^1].Detail, StringComparison.Ordinal);
        Assert.True(File.Exists(ledgerPath));
    }
}
