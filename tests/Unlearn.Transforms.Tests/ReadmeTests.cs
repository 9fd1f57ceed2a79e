using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Transforms.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void The_snippet_in_the_readme_is_the_code_below() => Snippets.AssertIsIn("README.md", "ReadmeTests.cs", "pipeline");

    [Fact]
    public void The_snippet_runs()
    {
        var data = TinyRows.View(new MLContext(1), TinyRows.Create(60, 6), 6);
        var folder = Directory.CreateTempSubdirectory("unlearn-");
        var workingFolder = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder.FullName;
        try
        {
            // <pipeline>
            var mlContext = new MLContext(seed: 1);
            using var rows = TrainingRows.FromDataView(data);
            var recipe = new TorchRecipe(TorchArchitecture.Mlp(rows.FeatureCount, rows.ClassCount, 64, 32)) { Epochs = 20 };
            using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);

            var factors = mlContext.Transforms.UnlearnFactors("UnlearnFactors", target).Fit(data);
            mlContext.Model.Save(factors, data.Schema, "factors.zip");
            foreach (var entropy in factors.Transform(data).GetColumn<float>("Entropy"))
                Console.WriteLine(entropy);
            // </pipeline>
            Assert.True(File.Exists("factors.zip"));
        }
        finally
        {
            Environment.CurrentDirectory = workingFolder;
            folder.Delete(recursive: true);
        }
    }
}
