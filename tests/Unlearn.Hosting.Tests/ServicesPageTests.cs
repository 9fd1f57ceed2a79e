using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.ML;
using Unlearn.Hosting;
using Unlearn.MLNet;
using Unlearn.MLNet.Tests;
using Unlearn.MLNet.Tests.Erasure;
using Unlearn.Tests;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.Hosting.Tests;

public sealed class ServicesPageTests(ErasureCase shared) : IClassFixture<ErasureCase>
{
    [Theory]
    [InlineData("data")]
    [InlineData("service")]
    [InlineData("labeling")]
    public void The_snippets_on_the_page_are_the_code_below(string name) => Snippets.AssertIsIn("services.md", "ServicesPageTests.cs", name);

    [Fact]
    public async Task The_snippet_serves_a_request()
    {
        using var temporary = new TemporaryFolder();
        var options = new ErasureOptions { Recipe = Recipe };
        ErasureWorkspace.Create(ErasureCase.Context(), temporary.File("w"), ErasureCase.Rows, shared.Model, shared.Labels, options).Dispose();
        string[] args = [$"--Erasure:Folder={temporary.File("w")}", "--Erasure:Policy:WaitsForRetraining=false"];
        var now = DateTimeOffset.UtcNow;

        // <service>
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddUnlearnErasure<PeopleData>(builder.Configuration.GetSection("Erasure"));
        builder.Services.AddHealthChecks().AddCheck<ErasureHealthCheck>("unlearn");
        using var host = builder.Build();
        await host.StartAsync();

        var erasure = host.Services.GetRequiredService<ErasureService>();
        var request = new ErasureRequest { Id = "R-1", RowIds = ["17", "42"], ReceivedAt = now, DueAt = now.AddDays(30) };
        var plan = await erasure.SubmitAsync(request);
        Console.WriteLine(plan.Describe());

        var status = await erasure.StateOfAsync("R-1");
        Console.WriteLine($"{status?.State}, certificate: {status?.CertificatePath}");
        // </service>

        status = await ServiceCase.WaitForAsync(erasure, "R-1", ErasureState.Completed);
        Assert.True(File.Exists(status.CertificatePath));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_snippet_labels_rows()
    {
        using var temporary = new TemporaryFolder();
        string[] args = [$"--Labeling:LedgerPath={temporary.File("trials.db")}"];

        // <labeling>
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddUnlearnLabeling<PeopleToLabel>(builder.Configuration.GetSection("Labeling"));
        builder.Services.AddHealthChecks().AddCheck<LabelingHealthCheck>("labeling");
        using var host = builder.Build();
        await host.StartAsync();

        var labeling = host.Services.GetRequiredService<LabelingService>();
        var labels = await labeling.LabelsAsync();
        // </labeling>

        Assert.Equal(80, labels.GetRowCount());
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private sealed class PeopleToLabel : ILabelingData
    {
        public IDataView LoadRows(MLContext mlContext) => TinyStudy.View(mlContext, 80);

        public HardnessLabelingOptions CreateOptions(MLContext mlContext) => TinyStudy.LabelingOptions;
    }

    private sealed class PeopleTable
    {
        public static IDataView Load(MLContext mlContext) => TinyStudy.View(mlContext, ErasureCase.Count);
    }

    private static readonly ITrainingRecipe Recipe = TinyStudy.Recipe;

    // <data>
    private sealed class PeopleData : IErasureData
    {
        public IDataView LoadRows(MLContext mlContext) => PeopleTable.Load(mlContext);

        public ErasureOptions CreateOptions(MLContext mlContext) => new() { Recipe = Recipe };
    }
    // </data>
}
