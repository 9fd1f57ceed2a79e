using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Unlearn.Hosting;

/// <summary>
/// Whether rows are labeled, or will be. Unhealthy: the last attempt failed. The description of a healthy one tells how far it is. Add it by
/// <c>services.AddHealthChecks().AddCheck&lt;LabelingHealthCheck&gt;("labeling")</c>.
/// </summary>
/// <param name="service">The service.</param>
public sealed class LabelingHealthCheck(LabelingService service) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(service.Failure is { } failure
            ? HealthCheckResult.Unhealthy(failure.Message, failure)
            : HealthCheckResult.Healthy(
                service.Progress is { } progress ? $"{progress.Stage}: {progress.Finished} of {progress.Total}. {progress.Detail}" : null));
}
