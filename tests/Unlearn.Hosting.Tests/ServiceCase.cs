using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Unlearn.MLNet;
using Unlearn.MLNet.Tests;
using Unlearn.MLNet.Tests.Erasure;
using Unlearn.MLNet.Tests.Trials;

namespace Unlearn.Hosting.Tests;

/// <summary>A workspace in a folder of its own, a clock, and hosts that serve it.</summary>
internal sealed class ServiceCase : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly TemporaryFolder _folder = new();

    public ServiceCase(ErasureCase shared)
    {
        var context = ErasureCase.Context();
        ErasureWorkspace.Create(context, Folder, ErasureCase.Rows, shared.Model, shared.Labels, ErasureCase.Options(), Time).Dispose();
    }

    public ManualTime Time { get; } = new();

    public string Folder => _folder.File("w");

    public RecordingLoggerProvider Log { get; } = new();

    /// <summary>A host with the service; with the worker, it also serves by itself.</summary>
    public IHost Host(ErasurePolicy policy, bool hasWorker = true, string? folder = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddLogging(logging => logging.AddProvider(Log));
        builder.Services.AddUnlearnErasure<Data>(options => (options.Folder, options.Policy) = (folder ?? Folder, policy));
        builder.Services.AddHealthChecks().AddCheck<ErasureHealthCheck>("unlearn");
        if (!hasWorker)
            foreach (var worker in builder.Services.Where(service => service.ImplementationType == typeof(ErasureWorker)).ToList())
                builder.Services.Remove(worker);
        return builder.Build();
    }

    /// <summary>Waits until a request has come as far as a state.</summary>
    public static async Task<ErasureStatus> WaitForAsync(ErasureService service, string id, ErasureState state)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (await service.StateOfAsync(id) is { } status && status.State == state)
                return status;
            if (clock.Elapsed > Patience)
                throw new TimeoutException($"Request '{id}' did not become {state} within {Patience}.");
            await Task.Delay(20);
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The rows and the recipe of <see cref="ErasureCase"/>.</summary>
    internal sealed class Data : IErasureData
    {
        public IDataView LoadRows(MLContext mlContext) => TinyStudy.View(mlContext, ErasureCase.Count);

        public ErasureOptions CreateOptions(MLContext mlContext) => ErasureCase.Options();
    }
}
