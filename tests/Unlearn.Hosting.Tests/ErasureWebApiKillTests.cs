using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Unlearn.MLNet;
using Unlearn.MLNet.Tests;
using Xunit;

namespace Unlearn.Hosting.Tests;

public sealed class ErasureWebApiKillTests : IDisposable
{
    private const int Requests = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new() { BaseAddress = new($"http://127.0.0.1:{FreePort()}") };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_was_accepted_is_served_by_the_next_process_after_a_kill()
    {
        using (var first = Start())
            try
            {
                await WaitAsync(first, "/health", _ => true);
                for (var i = 0; i < Requests; i++)
                {
                    var request = new { id = $"R-{i}", rowIds = new[] { $"person-{i + 1:000}" } };
                    using var answer = await _client.PostAsJsonAsync("/erasures", request, Cancellation);
                    Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
                }
            }
            finally
            {
                first.Kill();
                await first.WaitForExitAsync(Cancellation);
            }
        using var next = Start();
        try
        {
            await WaitAsync(next, "/health", _ => true);
            for (var i = 0; i < Requests; i++)
                await WaitAsync(next, $"/erasures/R-{i}", answer => answer.GetProperty("state").GetString() == "Completed");
        }
        finally
        {
            next.Kill();
            await next.WaitForExitAsync(Cancellation);
        }
        Assert.Equal((Requests, true), (ErasureWorkspace.Verify(_folder.File("w")).Certificates, ErasureWorkspace.Verify(_folder.File("w")).IsValid));
    }

    private Process Start() => Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [
        Path.Combine(AppContext.BaseDirectory, "ErasureWebApi.dll"), $"--Urls={_client.BaseAddress}", $"--Erasure:Folder={_folder.File("w")}",
        "--Erasure:Policy:WaitsForRetraining=false", "--Logging:LogLevel:Default=Warning",
    ]) { Environment = { ["DOTNET_GCgen0size"] = "0x1000000" } })!;

    private async Task WaitAsync(Process server, string path, Func<JsonElement, bool> isSo)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            Assert.False(server.HasExited, "The server has ended.");
            try
            {
                using var response = await _client.GetAsync(path, Cancellation);
                if (response.IsSuccessStatusCode && isSo(await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)))
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            Assert.True(clock.Elapsed < Patience, $"{path} has not answered as it should within {Patience}.");
            await Task.Delay(100, Cancellation);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
