using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Unlearn.Examples.ErasureWebApi;
using Unlearn.MLNet.Tests;
using Xunit;

namespace Unlearn.Hosting.Tests;

/// <summary>The example, over HTTP on a free port.</summary>
public sealed class ErasureWebApiTests(ErasureWebApiTests.Server server) : IClassFixture<ErasureWebApiTests.Server>
{
    private HttpClient Client => server.Client;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_goes_from_its_plan_to_its_certificate()
    {
        using var posted = await PostAsync("""{ "id": "R-1", "rowIds": ["person-017", "person-042"], "dueAt": "2999-01-01T00:00:00Z" }""");
        Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
        Assert.EndsWith("/erasures/R-1", posted.Headers.Location!.ToString(), StringComparison.Ordinal);
        var plan = await JsonAsync(posted);
        Assert.Equal(["person-017", "person-042"], plan.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("rowId").GetString()));

        var state = await WaitAsync("R-1", "Completed");
        var link = state.GetProperty("certificate").GetString()!;
        using var json = await Client.GetAsync(link, Cancellation);
        Assert.Equal("application/json", json.Content.Headers.ContentType!.MediaType);
        Assert.Equal("R-1", (await JsonAsync(json)).GetProperty("requestId").GetString());
        using var asked = new HttpRequestMessage(HttpMethod.Get, link) { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/html") } } };
        using var page = await Client.SendAsync(asked, Cancellation);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("<!", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        using var again = await PostAsync("""{ "id": "R-1", "rowIds": ["person-001"] }""");
        await ProblemAsync(again, HttpStatusCode.Conflict, "is there already");
        using var health = await Client.GetAsync("/health", Cancellation);
        Assert.Equal("Healthy", (await JsonAsync(health)).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("""{ "rowIds": ["person-001"] }""", "Give an id")]
    [InlineData("""{ "id": "../../etc", "rowIds": ["person-001"] }""", "Give an id")]
    [InlineData("""{ "id": "X" }""", "Name the rows")]
    [InlineData("""{ "id": "X", "rowIds": [] }""", "Name the rows")]
    [InlineData("""{ "id": "X", "rowIds": [""] }""", "Name the rows")]
    [InlineData("""{ "id": "X", "rowIds": ["person-001", "person-001"] }""", "Name each row once")]
    [InlineData("""{ "id": "X", "rowIds": ["person-001"], "dueAt": "2001-01-01T00:00:00Z" }""", "is past")]
    [InlineData("""{ "id": "X", "rowIds": ["person-999"] }""", "person-999")]
    [InlineData("""{ "id": "X", "rowIds": ["person-001"], "dueAt": "tomorrow" }""", "Bad Request")]
    [InlineData("{", "Bad Request")]
    public async Task Bad_requests_get_a_problem_that_says_what_is_wrong(string body, string message)
    {
        using var response = await PostAsync(body);
        await ProblemAsync(response, HttpStatusCode.BadRequest, message);
        using var state = await Client.GetAsync("/erasures/X", Cancellation);
        await ProblemAsync(state, HttpStatusCode.NotFound, "There is no request 'X'");
    }

    [Fact]
    public async Task Rows_without_which_no_model_is_left_are_refused_and_unknown_paths_get_a_problem()
    {
        using var response = await PostAsync(JsonSerializer.Serialize(new { id = "all", rowIds = Enumerable.Range(1, 240).Select(i => $"person-{i:000}") }));
        await ProblemAsync(response, HttpStatusCode.UnprocessableEntity, "withdraw the model");
        using var certificate = await Client.GetAsync("/erasures/none/certificate", Cancellation);
        await ProblemAsync(certificate, HttpStatusCode.NotFound, "There is no request 'none'");
        using var unknown = await Client.GetAsync("/nothing", Cancellation);
        await ProblemAsync(unknown, HttpStatusCode.NotFound, "Not Found");
    }

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await Client.PostAsync("/erasures", content, Cancellation);
    }

    private async Task<JsonElement> WaitAsync(string id, string state)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using var response = await Client.GetAsync($"/erasures/{id}", Cancellation);
            var answer = await JsonAsync(response);
            if (answer.GetProperty("state").GetString() == state)
                return answer;
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"{answer}");
            await Task.Delay(50, Cancellation);
        }
    }

    private static async Task ProblemAsync(HttpResponseMessage response, HttpStatusCode status, string message)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(message, (await JsonAsync(response)).ToString(), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);

    /// <summary>The example as its command starts it, but for the port and the folder.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private WebApplication _app = null!;

        public HttpClient Client { get; } = new();

        public async ValueTask InitializeAsync()
        {
            _app = await ErasureApi.CreateAsync(
                ["--Urls=http://127.0.0.1:0", $"--Erasure:Folder={_folder.File("w")}", "--Erasure:Policy:WaitsForRetraining=false"]);
            await _app.StartAsync();
            Client.BaseAddress = new(_app.Urls.Single());
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await _app.StopAsync();
            await _app.DisposeAsync();
            _folder.Dispose();
        }
    }
}
