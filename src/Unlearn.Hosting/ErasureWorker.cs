using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Unlearn.Hosting;

/// <summary>Serves requests as they are submitted, and retrains when it is due.</summary>
internal sealed class ErasureWorker(ErasureService service, IOptions<ErasureServiceOptions> options, TimeProvider time, ILogger<ErasureService> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.Value.Interval;
        using var timer = new PeriodicTimer(interval, time);
        var tick = Tick();
        var submitted = Submitted();
        try
        {
            while (true)
            {
                try
                {
                    await service.ServeAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception cause) when (cause is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    // A workspace that another process still holds, a full disk: what passes must not end the host.
                    ErasureMessages.TriesAgain(log, interval, cause);
                }
                await (await Task.WhenAny(tick, submitted).ConfigureAwait(false)).ConfigureAwait(false);
                if (tick.IsCompleted)
                    tick = Tick();
                if (submitted.IsCompleted)
                    submitted = Submitted();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }

        Task<bool> Tick() => timer.WaitForNextTickAsync(stoppingToken).AsTask();
        Task<bool> Submitted() => service.Submitted.ReadAsync(stoppingToken).AsTask();
    }
}
