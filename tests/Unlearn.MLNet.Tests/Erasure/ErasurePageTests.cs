using Microsoft.ML;
using Unlearn.MLNet;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Erasure;

public sealed class ErasurePageTests
{
    [Fact]
    public void The_snippet_on_the_page_is_the_code_below() => Snippets.AssertIsIn("erasure.md", "ErasurePageTests.cs", "erasure");

    [Fact]
    public async Task The_snippet_runs_from_a_request_to_its_certificate()
    {
        using var temporary = new TemporaryFolder();
        var (mlContext, recipe, folder) = (new MLContext(seed: 1), TinyStudy.Recipe, temporary.File("erasure"));
        var rows = TinyStudy.View(mlContext, 120);
        using var trainingRows = TrainingRows.FromDataView(rows);
        using var model = recipe.Train(trainingRows, Enumerable.Range(0, trainingRows.Count).ToArray(), seed: 1);
        var now = DateTimeOffset.UtcNow;

        // <erasure>
        var labels = await mlContext.Data.LabelUnlearningHardnessAsync(rows, new HardnessLabelingOptions { Recipe = recipe, TargetSeed = 1 });
        using var erasure = ErasureWorkspace.Create(mlContext, folder, rows, model, labels, new ErasureOptions { Recipe = recipe });

        var request = new ErasureRequest { Id = "R-1", RowIds = ["17", "42"], ReceivedAt = now, DueAt = now.AddDays(30) };
        var plan = erasure.Plan(request);
        Console.WriteLine(plan.Describe());

        var result = await erasure.ExecuteAsync(plan);
        if (result.State == ErasureState.Waiting)
            result = (await erasure.RetrainAsync())[0];
        erasure.Purge();

        Console.WriteLine($"{result.Method}: {result.Audits[^1].Reason} Certificate: {result.CertificatePath}");
        using var unlearned = erasure.CopyModel();
        // </erasure>

        Assert.Equal(ErasureState.Completed, result.State);
        Assert.Equal(118, erasure.RowIds.Count);
        Assert.Equal(model.ClassCount, unlearned.ClassCount);
        Assert.True(ErasureWorkspace.Verify(folder).IsValid);
    }
}
