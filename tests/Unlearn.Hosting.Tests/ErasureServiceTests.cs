using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Unlearn.MLNet;
using Unlearn.MLNet.Tests.Erasure;
using Xunit;

namespace Unlearn.Hosting.Tests;

public sealed class ErasureServiceTests(ErasureCase shared) : IClassFixture<ErasureCase>, IDisposable
{
    private readonly ServiceCase _case = new(shared);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _case.Dispose();

    [Fact]
    public async Task A_plan_notes_nothing_and_a_submitted_request_outlives_the_process()
    {
        using (var host = _case.Host(ErasureCase.FineTunes, hasWorker: false))
        {
            var service = Service(host);
            Assert.Equal("FT", (await service.PlanAsync(ErasureCase.Request("R", 3), Cancellation)).Method);
            Assert.Null(await service.StateOfAsync("R", Cancellation));
            Assert.Equal("FT", (await service.SubmitAsync(ErasureCase.Request("R", 3), Cancellation)).Method);
            var status = await service.StateOfAsync("R", Cancellation);
            Assert.Equal((ErasureState.Begun, null), (status!.State, status.CertificatePath));
            await Assert.ThrowsAsync<ArgumentException>(() => service.SubmitAsync(ErasureCase.Request("R", 4), Cancellation));
        }
        using var next = _case.Host(ErasureCase.FineTunes, hasWorker: false);
        var result = Assert.Single(await Service(next).ServeAsync(Cancellation));
        Assert.Equal((ErasureState.Completed, "FT"), (result.State, result.Method));
        var completed = (await Service(next).StateOfAsync("R", Cancellation))!;
        Assert.Equal((ErasureState.Completed, result.CertificatePath), (completed.State, completed.CertificatePath));
        Assert.True(File.Exists(completed.CertificatePath));
        Assert.Equal("R", ErasureCertificate.Load(completed.CertificatePath).RequestId);
        Assert.Equal(ErasureCase.Count - 1, File.ReadAllLines(Path.Combine(_case.Folder, "rows.txt")).Length);
        Assert.Empty(await Service(next).ServeAsync(Cancellation));
    }

    /// <summary>A plan tells of one model: the second one is made anew, and a row that is gone by then is answered from the log.</summary>
    [Fact]
    public async Task Requests_that_were_accepted_together_are_served_one_after_the_other_each_by_a_plan_for_its_model()
    {
        using var host = _case.Host(ErasureCase.FineTunes, hasWorker: false);
        var service = Service(host);
        await service.SubmitAsync(ErasureCase.Request("A", 3, 4), Cancellation);
        await service.SubmitAsync(ErasureCase.Request("B", 4, 5), Cancellation);
        await service.SubmitAsync(ErasureCase.Request("C", 3), Cancellation);
        Assert.Equal([("A", "FT"), ("B", "FT"), ("C", "erased")], (await service.ServeAsync(Cancellation)).Select(result => (result.RequestId, result.Method)));
        Assert.True(ErasureWorkspace.Verify(_case.Folder).IsValid);
    }

    [Fact]
    public async Task Many_threads_may_submit_at_once()
    {
        using var host = _case.Host(ErasureCase.FineTunes);
        await host.StartAsync(Cancellation);
        var service = Service(host);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => service.SubmitAsync(ErasureCase.Request($"R-{i}", 2 * i, 2 * i + 1)))));
        for (var i = 0; i < 8; i++)
            await ServiceCase.WaitForAsync(service, $"R-{i}", ErasureState.Completed);
        await host.StopAsync(Cancellation);
        await ((IAsyncDisposable)host).DisposeAsync();
        Assert.True(ErasureWorkspace.Verify(_case.Folder) is { IsValid: true, Certificates: 8 });
    }

    [Fact]
    public async Task The_background_service_resumes_on_start_and_retrains_when_it_is_due()
    {
        using (var before = _case.Host(ErasureCase.Retrains, hasWorker: false))
            await Service(before).SubmitAsync(ErasureCase.Request("left", 1), Cancellation);
        using var host = _case.Host(ErasureCase.Retrains);
        await host.StartAsync(Cancellation);
        var service = Service(host);
        Assert.Equal(ErasureCase.Due.AddDays(-1), (await ServiceCase.WaitForAsync(service, "left", ErasureState.Waiting)).RetrainAt);
        await service.SubmitAsync(ErasureCase.Request("new", 2), Cancellation);
        await ServiceCase.WaitForAsync(service, "new", ErasureState.Waiting);

        _case.Time.Advance(TimeSpan.FromDays(9) - TimeSpan.FromMinutes(2));
        await Task.Delay(300, Cancellation);
        Assert.Equal(ErasureState.Waiting, (await service.StateOfAsync("left", Cancellation))!.State);
        _case.Time.Advance(TimeSpan.FromMinutes(3));
        var first = await ServiceCase.WaitForAsync(service, "left", ErasureState.Completed);
        var second = await ServiceCase.WaitForAsync(service, "new", ErasureState.Completed);
        Assert.Equal(ErasureCertificate.Load(first.CertificatePath!).ModelAfter, ErasureCertificate.Load(second.CertificatePath!).ModelAfter);
        await host.StopAsync(Cancellation);
        Assert.DoesNotContain(_case.Log.Lines, line => line.Level >= LogLevel.Error);
        Assert.Contains(_case.Log.Lines, line => line.Category == "Microsoft.ML" && line.Text.Contains("left", StringComparison.Ordinal));
        Assert.Contains(_case.Log.Lines, line => line is { Category: "Unlearn.Hosting.ErasureService", Text: "Erasure request 'left' is Completed by EU." });
    }

    [Fact]
    public async Task A_workspace_that_another_process_holds_is_waited_for()
    {
        var open = ErasureWorkspace.Open(ErasureCase.Context(), _case.Folder, ErasureCase.Rows, ErasureCase.Options(), _case.Time);
        using var host = _case.Host(ErasureCase.FineTunes);
        await host.StartAsync(Cancellation);
        await UntilAsync(() => _case.Log.Lines.Any(line => line is { Level: LogLevel.Error } && line.Text.Contains("tries again", StringComparison.Ordinal)));
        open.Dispose();
        await Service(host).SubmitAsync(ErasureCase.Request("R", 3), Cancellation);
        await ServiceCase.WaitForAsync(Service(host), "R", ErasureState.Completed);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_stop_ends_the_work_and_a_disposed_service_says_so()
    {
        var host = _case.Host(ErasureCase.FineTunes);
        await host.StartAsync(Cancellation);
        var service = Service(host);
        await service.SubmitAsync(ErasureCase.Request("R", 3), Cancellation);
        await host.StopAsync(Cancellation);
        host.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => service.PlanAsync(ErasureCase.Request("S", 4), Cancellation));
        // Whatever was reached is kept: the next process goes on and opens the folder without delay.
        using var next = _case.Host(ErasureCase.FineTunes);
        await next.StartAsync(Cancellation);
        await ServiceCase.WaitForAsync(Service(next), "R", ErasureState.Completed);
        await next.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Meters_and_activities_tell_what_is_done()
    {
        ConcurrentQueue<(string Name, double Value, string Tag)> measured = [];
        ConcurrentQueue<string> activities = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Unlearn", Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => activities.Enqueue($"{activity.OperationName} {activity.GetTagItem("unlearn.request")}"),
        };
        ActivitySource.AddActivityListener(listener);
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Unlearn")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => measured.Enqueue((instrument.Name, value, $"{tags[0].Value}")));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Enqueue((instrument.Name, value, $"{tags[0].Value}")));
        meters.Start();

        using var host = _case.Host(ErasureCase.FineTunes, hasWorker: false);
        await Service(host).SubmitAsync(ErasureCase.Request("metered", 3), Cancellation);
        await Service(host).ServeAsync(Cancellation);
        meters.RecordObservableInstruments();
        Assert.Contains(("unlearn.erasure.requests", 1, "Completed"), measured);
        Assert.Contains(measured, item => item is { Name: "unlearn.erasure.duration", Tag: "FT" });
        Assert.Contains("plan metered", activities);
        Assert.Contains("execute metered", activities);
        Assert.DoesNotContain("retrain metered", activities);
    }

    private static ErasureService Service(IHost host) => host.Services.GetRequiredService<ErasureService>();

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (var i = 0; i < 3000 && !isSo(); i++)
            await Task.Delay(20, Cancellation);
        Assert.True(isSo());
    }
}
