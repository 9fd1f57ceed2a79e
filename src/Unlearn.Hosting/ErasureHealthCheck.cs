using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Unlearn.MLNet;

namespace Unlearn.Hosting;

/// <summary>
/// Whether erasure requests are in good hands. Unhealthy: the workspace cannot be opened or written, its log, model or certificates were changed, or a
/// request is overdue. Degraded: a request could not be served. Add it by <c>services.AddHealthChecks().AddCheck&lt;ErasureHealthCheck&gt;("unlearn")</c>.
/// </summary>
/// <param name="service">The service.</param>
/// <param name="options">Its settings.</param>
/// <param name="time">The clock.</param>
public sealed class ErasureHealthCheck(ErasureService service, IOptions<ErasureServiceOptions> options, TimeProvider time) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var requests = await service.RequestsAsync(cancellationToken).ConfigureAwait(false);
            var verification = await service.VerifyAsync(cancellationToken).ConfigureAwait(false);
            CheckWritable();
            var now = time.GetUtcNow();
            string[] problems =
            [
                .. verification.Problems,
                .. requests.Values.Where(request => request.State != ErasureState.Completed && request.DueAt < now)
                    .Select(request => Invariant($"Request '{request.RequestId}' was due at {request.DueAt:u} and is {request.State}.")),
            ];
            string[] failures = [.. service.Failures.Values];
            return problems.Length > 0 ? HealthCheckResult.Unhealthy(string.Join(' ', [.. problems, .. failures]))
                : failures.Length > 0 ? HealthCheckResult.Degraded(string.Join(' ', failures))
                : HealthCheckResult.Healthy();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or InvalidOperationException or ArgumentException or FormatException)
        {
            return HealthCheckResult.Unhealthy(cause.Message, cause);
        }
    }

    private void CheckWritable()
    {
        var file = Path.Combine(options.Value.Folder, "health.tmp");
        using var _ = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.DeleteOnClose);
    }
}
