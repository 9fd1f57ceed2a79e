using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Integration.Tests.Inputs;

public sealed class TreeInputTests
{
    [Fact]
    public void The_snippet_in_the_document_runs()
    {
        Snippets.AssertIsIn("inputs.md", "TreeInputTests.cs", "trees");
        var random = new Random(1);
        var mlContext = new MLContext(seed: 1);
        var data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 100)
            .Select(row => new Row { RowId = $"{row}", Features = [random.NextSingle(), random.NextSingle() + row % 2 * 0.5f], Label = row % 2 == 1 })
            .ToList());
        // <trees>
        var model = mlContext.BinaryClassification.Trainers.FastTree().Fit(data);
        using var target = TreeEnsembleTarget.FromModel(model);
        var factors = mlContext.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(data);
        // </trees>
        Assert.Contains("LeafInfluence", factors.FactorNames);
    }

    private sealed class Row
    {
        public string RowId { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }
}
