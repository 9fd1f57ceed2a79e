using Microsoft.Extensions.Hosting;

namespace Unlearn.Hosting;

/// <summary>Labels rows, and goes on where an earlier process stopped.</summary>
internal sealed class LabelingWorker(LabelingService service) : BackgroundService
{
    // Rows are loaded and plans are made without a wait: not on the thread that starts the host.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => service.RunAsync(stoppingToken), CancellationToken.None);
}
