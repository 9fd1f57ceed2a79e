using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Unlearn.Distributed.Database;
using Unlearn.Distributed.Jobs;
using Unlearn.Tests;
using Xunit;

namespace Unlearn.Distributed.Tests;

public sealed class DashboardTests(PostgresServer server)
{
    private const string Plan = "0123456789abcdef";
    private static readonly string[] EveryPage =
    [
        "", "/", "/jobs/enqueued", "/jobs/enqueued/unlearn", "/jobs/processing", "/jobs/scheduled", "/jobs/succeeded", "/jobs/failed", "/jobs/deleted",
        "/jobs/awaiting", "/recurring", "/retries", "/servers",
    ];

    [Fact]
    public void The_snippet_on_the_page_is_the_code_below() => Snippets.AssertIsIn("scale.md", "DashboardTests.cs", "dashboard");

    [Fact]
    public async Task The_snippet_shows_jobs_to_operators_alone()
    {
        var connectionString = server.NewDatabase();
        AddJobs(connectionString);

        var builder = Application.CreateBuilder();

        // <dashboard>
        builder.Services.AddAuthentication().AddCookie();
        builder.Services.AddAuthorization(options => options.AddPolicy("operators", policy => policy.RequireRole("operator")));
        var app = builder.Build();
        app.MapUnlearnDashboard("/jobs", connectionString).RequireAuthorization("operators");
        // </dashboard>
        await using var application = await Application.StartAsync(app);

        Assert.Equal(HttpStatusCode.Redirect, (await application.GetAsync("/jobs")).StatusCode);
        await application.SignInAsync("guest");
        var forbidden = await application.GetAsync("/jobs");
        Assert.Equal(HttpStatusCode.Redirect, forbidden.StatusCode);
        Assert.Contains("AccessDenied", forbidden.Headers.Location!.ToString(), StringComparison.Ordinal);
        await application.SignInAsync("operator");
        Assert.Equal(HttpStatusCode.OK, (await application.GetAsync("/jobs")).StatusCode);
    }

    [Fact]
    public async Task Nobody_sees_a_page_without_signing_in()
    {
        var database = server.NewDatabase();
        AddJobs(database);
        await using var application = await Application.StartAsync(app => app.MapUnlearnDashboard("/jobs", database));
        foreach (var page in (string[])[.. EveryPage, "/stats", "/css1", "/nothing"])
        {
            var response = await application.GetAsync($"/jobs{page}");
            Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
            Assert.Empty(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Who_has_signed_in_sees_jobs_and_no_password()
    {
        var database = server.NewDatabase();
        var job = AddJobs(database);
        await using var application = await Application.StartAsync(app => app.MapUnlearnDashboard("/jobs", database));
        await application.SignInAsync("guest");
        var texts = new List<string>();
        foreach (var page in (string[])[.. EveryPage, $"/jobs/details/{job}"])
            texts.Add(await application.ReadAsync($"/jobs{page}"));
        Assert.Contains("2 trials of plan 01234567", texts[3], StringComparison.Ordinal);
        Assert.Contains("1 trial of plan 01234567", texts[3], StringComparison.Ordinal);
        Assert.Contains("Part fedcba98 of run 01234567", texts[3], StringComparison.Ordinal);
        Assert.Contains("href=\"/jobs/servers\"", texts[0], StringComparison.Ordinal);
        Assert.All(texts, text =>
        {
            Assert.DoesNotContain("geheim4711", text, StringComparison.Ordinal);
            Assert.DoesNotContain("127.0.0.1", text, StringComparison.Ordinal);
            Assert.DoesNotContain("data-url=\"/jobs/jobs/enqueued/delete\"", text, StringComparison.Ordinal);
        });
        Assert.Equal(HttpStatusCode.NotFound, (await application.GetAsync("/jobs/nothing")).StatusCode);
    }

    [Theory]
    [InlineData("/jobs/jobs/enqueued/delete")]
    [InlineData("/jobs/jobs/enqueued/requeue")]
    [InlineData("/jobs/jobs/actions/requeue/{0}")]
    [InlineData("/jobs/jobs/actions/delete/{0}")]
    public async Task No_job_can_be_changed(string command)
    {
        var database = server.NewDatabase();
        var job = AddJobs(database);
        await using var application = await Application.StartAsync(app => app.MapUnlearnDashboard("/jobs", database));
        await application.SignInAsync("operator");
        var response = await application.PostAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, command, job), ("jobs[]", job));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Enqueued", Store(database).StateOf(job));
    }

    [Fact]
    public async Task A_group_s_prefix_and_an_opening_to_everybody_are_the_application_s()
    {
        var database = server.NewDatabase();
        AddJobs(database);
        await using var application = await Application.StartAsync(
            app => app.MapGroup("/inner").MapUnlearnDashboard("/work/", database).AllowAnonymous());
        Assert.Contains("href=\"/inner/work/servers\"", await application.ReadAsync("/inner/work"), StringComparison.Ordinal);
        Assert.Contains("href=\"/inner/work/servers\"", await application.ReadAsync("/inner/work/"), StringComparison.Ordinal);
        Assert.Contains("2 trials", await application.ReadAsync("/inner/work/jobs/enqueued/unlearn/"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await application.GetAsync("/work")).StatusCode);
    }

    [Fact]
    public async Task A_user_of_the_database_who_may_only_read_is_enough()
    {
        var database = server.NewDatabase();
        AddJobs(database);
        var reader = NewUser(database, "GRANT USAGE ON SCHEMA unlearn_jobs TO {0}; GRANT SELECT ON ALL TABLES IN SCHEMA unlearn_jobs TO {0}");
        await using var application = await Application.StartAsync(app => app.MapUnlearnDashboard("/jobs", reader).AllowAnonymous());
        foreach (var page in EveryPage)
            await application.ReadAsync($"/jobs{page}");
    }

    [Fact]
    public async Task What_is_wrong_with_the_database_is_told_by_the_page()
    {
        var database = server.NewDatabase();
        await Tells(database, "holds no jobs yet: the first worker or coordinator that uses it makes the schema 'unlearn_jobs'");
        AddJobs(database);
        await Tells(NewUser(database, ""), "may not read the jobs", "grant USAGE of the schema 'unlearn_jobs'");
        await Tells(new NpgsqlConnectionStringBuilder(database) { Database = "nowhere" }.ConnectionString, "does not exist");
        await Tells(new NpgsqlConnectionStringBuilder(database) { Password = "wrong4711" }.ConnectionString, "refuses user");
        await Tells("Host=127.0.0.1;Port=1;Database=unlearn;Username=u;Password=geheim4711;Timeout=2", "cannot be reached");
    }

    [Fact]
    public void What_is_wrong_with_the_application_is_told_when_it_maps()
    {
        const string Database = "Host=db;Username=u;Password=geheim4711";
        using var without = (IDisposable)WebApplication.CreateSlimBuilder().Build();
        Assert.Contains("AddAuthorization()",
            Assert.Throws<InvalidOperationException>(() => ((WebApplication)without).MapUnlearnDashboard("/jobs", Database)).Message, StringComparison.Ordinal);
        Assert.Contains("'/{tenant}/jobs'",
            Assert.Throws<ArgumentException>(() => ((WebApplication)without).MapUnlearnDashboard("/{tenant}/jobs", Database)).Message,
            StringComparison.Ordinal);
        var unread = Assert.Throws<ArgumentException>(() => ((WebApplication)without).MapUnlearnDashboard("/jobs", "Hots=db;Password=geheim4711"));
        Assert.DoesNotContain("geheim4711", unread.ToString(), StringComparison.Ordinal);
    }

    private static async Task Tells(string database, params string[] parts)
    {
        await using var application = await Application.StartAsync(app => app.MapUnlearnDashboard("/jobs", database).AllowAnonymous());
        var response = await application.GetAsync("/jobs");
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.All(parts, part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.All([text, .. application.Log], line => Assert.DoesNotContain("4711", line, StringComparison.Ordinal));
        Assert.Contains(application.Log, line => line.Contains(parts[0], StringComparison.Ordinal));
    }

    private static JobStore Store(string database) => new(new PostgresAddress(database), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1));

    private static string AddJobs(string database)
    {
        var store = Store(database);
        store.Enqueue(Plan, ["a"]);
        store.EnqueuePart(Plan, "fedcba9876543210");
        return store.Enqueue(Plan, ["a", "b"]);
    }

    private static string NewUser(string database, string rights)
    {
        const string Password = "reader4711";
        var name = $"reader_{Guid.NewGuid():N}";
        using var connection = new NpgsqlConnection(database + ";Pooling=false");
        connection.Open();
#pragma warning disable CA2100 // A name of the tests' own.
        using var command = new NpgsqlCommand(
            $"CREATE USER {name} PASSWORD '{Password}'; " + rights.Replace("{0}", name, StringComparison.Ordinal), connection);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
        return new NpgsqlConnectionStringBuilder(database) { Username = name, Password = Password }.ConnectionString;
    }

    /// <summary>A web application, and a browser that keeps cookies.</summary>
    private sealed class Application : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly HttpClient _browser = new(new HttpClientHandler { AllowAutoRedirect = false });

        private Application(WebApplication app) => _app = app;

        public IReadOnlyList<string> Log => _app.Services.GetRequiredService<Recorder>().Lines;

        /// <summary>A builder of applications that leave no keys behind.</summary>
        public static WebApplicationBuilder CreateBuilder()
        {
            var builder = WebApplication.CreateSlimBuilder();
            var recorder = new Recorder();
            builder.Services.AddSingleton(recorder);
            builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
            builder.Logging.ClearProviders().AddProvider(recorder);
            return builder;
        }

        public static Task<Application> StartAsync(Action<WebApplication> map)
        {
            var builder = CreateBuilder();
            builder.Services.AddAuthentication().AddCookie();
            builder.Services.AddAuthorization();
            var app = builder.Build();
            map(app);
            return StartAsync(app);
        }

        public static async Task<Application> StartAsync(WebApplication app)
        {
            app.Urls.Add("http://127.0.0.1:0");
            app.MapPost("/login/{role}", (string role) => Results.SignIn(
                new(new ClaimsIdentity([new(ClaimTypes.Role, role)], CookieAuthenticationDefaults.AuthenticationScheme)),
                authenticationScheme: CookieAuthenticationDefaults.AuthenticationScheme));
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new(app) { _browser = { BaseAddress = new(app.Urls.First()) } };
        }

        public Task<HttpResponseMessage> GetAsync(string path) => _browser.GetAsync(path, TestContext.Current.CancellationToken);

        public async Task<HttpResponseMessage> PostAsync(string path, params (string Key, string Value)[] form)
        {
            using var content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Key, field.Value)));
            return await _browser.PostAsync(path, content, TestContext.Current.CancellationToken);
        }

        public async Task SignInAsync(string role) => Assert.Equal(HttpStatusCode.OK, (await PostAsync($"/login/{role}")).StatusCode);

        public async Task<string> ReadAsync(string path)
        {
            var response = await GetAsync(path);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {response.StatusCode} {text}");
            return text;
        }

        public async ValueTask DisposeAsync()
        {
            _browser.Dispose();
            await _app.DisposeAsync();
        }
    }

    private sealed class Recorder : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

        public IReadOnlyList<string> Lines => [.. _lines];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
