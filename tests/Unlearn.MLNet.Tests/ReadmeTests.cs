using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Unlearn.MLNet;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests;

public sealed class ReadmeTests
{
    private sealed class Row
    {
        public int RowId { get; set; }

        [VectorType(4)]
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }

    [Fact]
    public void The_snippets_in_the_readme_are_the_code_below()
    {
        Snippets.AssertIsIn("README.md", "ReadmeTests.cs", "any-model");
        Snippets.AssertIsIn("README.md", "ReadmeTests.cs", "labels");
    }

    [Fact]
    public void The_snippet_runs()
    {
        var random = new Random(1);
        var data = new MLContext(1).Data.LoadFromEnumerable(Enumerable.Range(0, 80).Select(row => new Row
        {
            RowId = row,
            Label = row % 2 == 0,
            Features = [.. Enumerable.Range(0, 4).Select(i => random.NextSingle() + (row % 2 == 0 && i < 2 ? 0.5f : 0))],
        }).ToList());
        // <any-model>
        var mlContext = new MLContext(seed: 1);
        using var rows = TrainingRows.FromDataView(data);
        var recipe = new EstimatorRecipe("fast-tree/1 trees=20", context => context.BinaryClassification.Trainers.FastTree(
            new FastTreeBinaryTrainer.Options { NumberOfTrees = 20, NumberOfThreads = 1 }));
        using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
        var factors = mlContext.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(data);

        var request = new UnlearningRequest(target, recipe, rows, forget: [3, 14], seed: 1);
        using var unlearned = new ExactRetraining().Unlearn(request, CancellationToken.None);

        var model = mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(data);
        using var linear = MLNetTarget.FromTransformer(model, data.Schema);
        var exact = mlContext.Transforms.UnlearnFactors("UnlearnFactors", linear).Fit(data);
        // </any-model>
        Assert.Contains("Loss", factors.FactorNames);
        Assert.Equal(HardnessFactors.Default.Select(factor => factor.Name), exact.FactorNames);
        Assert.Equal(2, unlearned.Model.ClassCount);
    }

    // Compiled, but not run: LabelsPageTests runs a smaller one.
    internal static async Task<IDataView> Label(IDataView data)
    {
        // <labels>
        var mlContext = new MLContext(seed: 1);
        var recipe = new TorchRecipe(TorchArchitecture.Mlp(4, 2, 64, 32)) { Epochs = 20 };
        var labels = await mlContext.Data.LabelUnlearningHardnessAsync(data, recipe);
        // </labels>
        return labels;
    }
}
