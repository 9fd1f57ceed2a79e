using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Distributed;
using Unlearn.MLNet;
using Unlearn.MLNet.Tests;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Distributed.Tests;

public sealed class ScalePageTests(PostgresServer server)
{
    [Theory]
    [InlineData("coordinator")]
    [InlineData("worker")]
    public void The_snippets_on_the_page_are_the_code_below(string name) => Snippets.AssertIsIn("scale.md", "ScalePageTests.cs", name);

    [Fact]
    public async Task The_snippets_label_rows()
    {
        using var folder = new TemporaryFolder();
        var (connectionString, sharedFolder) = (server.NewDatabase(), folder.File("blobs"));
        using var end = new CancellationTokenSource();
        var worker = WorkAsync(connectionString, sharedFolder, end.Token);
        var mlContext = new MLContext(1);
        var data = TinyStudy.View(mlContext, 60);
        var recipe = TinyStudy.Recipe;

        // <coordinator>
        var options = new HardnessLabelingOptions
        {
            Recipe = recipe,
            Cluster = new PostgresCluster(connectionString, new BlobFolder(sharedFolder)) { Ledger = "people" },
        };
        var labels = await mlContext.Data.LabelUnlearningHardnessAsync(data, options);
        // </coordinator>
        Assert.Equal(60, labels.GetRowCount() ?? labels.GetColumn<float>("HardnessScore").Count());
        await end.CancelAsync();
        await worker;
    }

    private static async Task WorkAsync(string connectionString, string sharedFolder, CancellationToken cancellationToken)
    {
        // <worker>
        var options = new DistributedWorkerOptions
        {
            ConnectionString = connectionString,
            Blobs = new BlobFolder(sharedFolder),
            Workers = Environment.ProcessorCount,
        };
        await DistributedWorker.RunAsync(options, cancellationToken);
        // </worker>
    }
}
