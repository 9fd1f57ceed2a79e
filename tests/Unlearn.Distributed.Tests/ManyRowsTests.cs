using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Tests;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>The code for rows beyond memory on the page of scale.</summary>
public sealed class ManyRowsTests
{
    [Theory]
    [InlineData("rows")]
    [InlineData("parts")]
    public void The_snippets_on_the_page_are_the_code_below(string name) => Snippets.AssertIsIn("scale.md", "ManyRowsTests.cs", name);

    [Fact]
    public void The_snippet_computes_factors()
    {
        using var temporary = new TemporaryFolder();
        var (folder, input, output) = (temporary.Path, temporary.File("people.parquet"), temporary.File("factors.parquet"));
        var mlContext = new MLContext(1);
        mlContext.Data.SaveAsParquet(TinyStudy.View(mlContext, 60), input, rowsPerGroup: 16);
        var recipe = TinyStudy.Recipe;

        // <rows>
        var data = mlContext.Data.LoadFromParquet(input, "RowId", "Features", "Label");
        var keys = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        using var rows = TrainingRows.FromDataView(keys, storePath: folder);
        using var target = recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
        var options = new UnlearnFactorsEstimator.Options { Target = target, StoreFolder = folder };
        using var factors = mlContext.Transforms.UnlearnFactors(options).Fit(keys);
        mlContext.Data.SaveAsParquet(factors.Transform(keys), output);
        // </rows>

        var saved = mlContext.Data.LoadFromParquet(output);
        Assert.Equal(60, saved.GetRowCount());
        var computed = factors.Transform(keys).GetColumn<float[]>("UnlearnFactors").SelectMany(row => row);
        Assert.All(computed.Zip(saved.GetColumn<float[]>("UnlearnFactors").SelectMany(row => row)),
            pair => Assert.Equal(pair.First, pair.Second, 1e-4f * Math.Max(1, Math.Abs(pair.First))));
    }

    [Fact]
    public async Task The_snippet_computes_factors_of_parts()
    {
        using var parts = new PartsCase(files: 2);
        var (mlContext, input, output, recipe) = (parts.Context, parts.Input, parts.FolderOf("out"), TinyStudy.Recipe);
        using var training = TrainingRows.FromDataView(TinyStudy.View(mlContext, 48));
        using var target = recipe.Train(training, Enumerable.Range(0, training.Count).ToArray(), seed: 1);

        // <parts>
        var people = mlContext.Data.LoadFromParquet(input);
        var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.UnlearnFactors("UnlearnFactors", target))
            .Append(mlContext.Transforms.SelectColumns("RowId", "UnlearnFactors"));
        using var model = pipeline.Fit(people);
        var factors = await mlContext.Data.TransformParquetAsync(model, input, output);
        // </parts>
        Assert.Equal(48, factors.GetRowCount());
    }
}
