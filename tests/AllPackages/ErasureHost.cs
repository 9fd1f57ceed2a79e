using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.ML;
using Unlearn.Hosting;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace AllPackages;

/// <summary>Unlearn.Hosting: a host that takes a request.</summary>
internal sealed class ErasureHost : IErasureData
{
    public IDataView LoadRows(MLContext mlContext) => People.Load(mlContext);

    public ErasureOptions CreateOptions(MLContext mlContext) => new() { Recipe = People.Recipe };

    public static async Task ServeAsync(string folder)
    {
        var (data, context) = (new ErasureHost(), new MLContext(seed: 1));
        var rows = data.LoadRows(context);
        var labels = await context.Data.LabelUnlearningHardnessAsync(rows, new HardnessLabelingOptions
        {
            Recipe = People.Recipe, TargetSeed = 1, CeilingGoal = 0.51, MaximumTrials = 100, SingleRowTime = TimeSpan.Zero, Calibration = null,
        });
        using (var training = TrainingRows.FromDataView(rows))
        using (var model = People.Recipe.Train(training, Enumerable.Range(0, training.Count).ToArray(), seed: 1))
            ErasureWorkspace.Create(context, folder, rows, model, labels, data.CreateOptions(context)).Dispose();

        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddUnlearnErasure<ErasureHost>(options => options.Folder = folder);
        using var host = builder.Build();
        await host.StartAsync();
        var now = DateTimeOffset.UtcNow;
        var plan = await host.Services.GetRequiredService<ErasureService>().SubmitAsync(
            new() { Id = "R-1", RowIds = ["17"], ReceivedAt = now, DueAt = now.AddDays(30) }, CancellationToken.None);
        var state = await host.Services.GetRequiredService<ErasureService>().StateOfAsync("R-1", CancellationToken.None);
        await host.StopAsync();
        Console.WriteLine($"hosting: row 17 by {plan.Method}, the request is {state!.State}");
    }
}
