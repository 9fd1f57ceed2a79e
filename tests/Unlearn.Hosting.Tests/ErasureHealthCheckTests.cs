using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Unlearn.MLNet;
using Unlearn.MLNet.Tests.Erasure;
using Xunit;

namespace Unlearn.Hosting.Tests;

public sealed class ErasureHealthCheckTests(ErasureCase shared) : IClassFixture<ErasureCase>, IDisposable
{
    private readonly ServiceCase _case = new(shared);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _case.Dispose();

    [Fact]
    public async Task A_service_is_healthy_until_a_request_is_overdue()
    {
        using var host = _case.Host(ErasureCase.Retrains, hasWorker: false);
        Assert.Equal((HealthStatus.Healthy, null), await CheckAsync(host));
        var service = host.Services.GetRequiredService<ErasureService>();
        await service.SubmitAsync(ErasureCase.Request("R", 3), Cancellation);
        await service.ServeAsync(Cancellation);
        Assert.Equal((HealthStatus.Healthy, null), await CheckAsync(host));
        _case.Time.Advance(TimeSpan.FromDays(11));
        var (status, text) = await CheckAsync(host);
        Assert.Equal((HealthStatus.Unhealthy, "Request 'R' was due at 1970-01-11 00:00:00Z and is Waiting."), (status, text));
        await service.ServeAsync(Cancellation);
        Assert.Equal((HealthStatus.Healthy, null), await CheckAsync(host));
        Assert.Empty(Directory.GetFiles(_case.Folder, "health.tmp"));
    }

    [Fact]
    public async Task A_certificate_that_was_changed_is_told()
    {
        using var host = _case.Host(ErasureCase.FineTunes, hasWorker: false);
        var service = host.Services.GetRequiredService<ErasureService>();
        await service.SubmitAsync(ErasureCase.Request("R", 3), Cancellation);
        var result = Assert.Single(await service.ServeAsync(Cancellation));
        await File.AppendAllTextAsync(result.CertificatePath!, " ", Cancellation);
        var (status, text) = await CheckAsync(host);
        Assert.Equal(HealthStatus.Unhealthy, status);
        Assert.Contains("is missing or was changed", text, StringComparison.Ordinal);
    }

    /// <summary>When it was accepted, half of the rows would have been left; after another request, too few are.</summary>
    [Fact]
    public async Task A_request_that_no_method_can_serve_degrades_the_service_and_does_not_stop_others()
    {
        using var host = _case.Host(ErasureCase.FineTunes, hasWorker: false);
        var service = host.Services.GetRequiredService<ErasureService>();
        await service.SubmitAsync(ErasureCase.Request("small", 0), Cancellation);
        await service.SubmitAsync(ErasureCase.Request("first", [.. Enumerable.Range(0, 75)]), Cancellation);
        await service.SubmitAsync(ErasureCase.Request("last", [.. Enumerable.Range(75, 74)]), Cancellation);
        await service.SubmitAsync(ErasureCase.Request("after", 1), Cancellation);
        _case.Time.Advance(TimeSpan.FromDays(9.5));
        var results = await service.ServeAsync(Cancellation);
        Assert.Equal(["last"], service.Failures.Keys);
        Assert.Contains("no classifier can be trained", service.Failures["last"], StringComparison.Ordinal);
        Assert.Equal(["after", "first", "small"], results.Select(result => result.RequestId).Order(StringComparer.Ordinal));
        var (status, text) = await CheckAsync(host);
        Assert.Equal(HealthStatus.Degraded, status);
        Assert.Contains("Request 'last' leaves 1 rows", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_that_cannot_be_opened_is_told()
    {
        using var open = ErasureWorkspace.Open(ErasureCase.Context(), _case.Folder, ErasureCase.Rows, ErasureCase.Options(), _case.Time);
        using var host = _case.Host(ErasureCase.FineTunes, hasWorker: false);
        var (status, text) = await CheckAsync(host);
        Assert.Equal(HealthStatus.Unhealthy, status);
        Assert.Contains("Another process has the workspace", text, StringComparison.Ordinal);
    }

    private static async Task<(HealthStatus, string?)> CheckAsync(IHost host)
    {
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);
        return (report.Status, report.Entries["unlearn"].Description);
    }
}
