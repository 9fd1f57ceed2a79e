using Npgsql;
using Unlearn.Distributed.TestWorker;
using Unlearn.Examples.DistributedTrials;
using Unlearn.MLNet;
using Xunit;
using static Unlearn.Distributed.Tests.ChaosSteps;

namespace Unlearn.Distributed.Tests;

/// <summary>Clocks of coordinator, workers and database disagree by hours. Where libfaketime is not installed, these tests are skipped.</summary>
[Collection(nameof(ChaosTests))]
public sealed class ClockTests : IDisposable
{
    private const int Trials = 40;

    private readonly string _library = Directory.Exists("/usr/lib")
        ? Directory.EnumerateDirectories("/usr/lib").Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists) ?? ""
        : "";

    private TemporaryPostgres? _server;

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    // The coordinator, which has the right time, is ahead of the database; one worker more so, the other behind both.
    [Fact]
    public async Task Clocks_that_disagree_by_hours_change_nothing()
    {
        using var chaos = new ClusterCase(DatabaseOfHour(-3), Trials, new Sleeping { Milliseconds = 100 });
        var running = chaos.RunAsync(cancellationToken: TestToken);
        var ahead = await StartAsync(chaos, hours: 3);
        try
        {
            using var behind = await StartAsync(chaos, hours: -6);
            await UntilAsync(() => Ended(chaos) > Trials / 4 && chaos.Notes().Select(note => note.Process).Distinct().Count() == 2, running);
            ahead.Kill();
            ahead.Dispose();
            ahead = await StartAsync(chaos, hours: 3);
            var run = await running;
            Assert.InRange(Ended(chaos), Trials, Trials + 1);
            Assert.True(chaos.Notes().Select(note => note.Process).Distinct().Count() >= 2);
            await AssertUndisturbedAsync(chaos, run);
        }
        finally
        {
            ahead.Dispose();
        }
    }

    [Fact]
    public async Task A_job_that_a_worker_ahead_of_time_puts_off_is_not_put_off_for_hours()
    {
        using var chaos = new ClusterCase(DatabaseOfHour(0), 4, new Sleeping { Milliseconds = 50 });
        var running = chaos.RunAsync(cancellationToken: TestToken);
        using (await StartAsync(chaos, hours: 3, (Unreadable.Variable, "1")))
            await UntilAsync(() => Count(chaos.Database, "SELECT count(*) FROM unlearn_jobs.job WHERE statename = 'Scheduled'") > 0, running);
        await using var worker = InProcessWorker.OfSleeping(chaos);
        var run = await running.WaitAsync(TimeSpan.FromMinutes(1), TestToken);
        Assert.Equal(4, run.Results.Count);
    }

    [Fact]
    public void A_lock_that_a_worker_ahead_of_time_left_is_taken_after_its_timeout_and_no_other()
    {
        var store = new Jobs.JobStore(new(DatabaseOfHour(0)), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(0.1));
        using var connection = store.Storage.GetConnection();
        using var other = store.Storage.GetConnection();
        Leave("ahead", "now() + interval '3 hours'");
        Leave("old", "now() - interval '31 seconds'");
        Leave("young", "now() - interval '20 seconds'");
        connection.AcquireDistributedLock("ahead", TimeSpan.Zero).Dispose();
        using (connection.AcquireDistributedLock("old", TimeSpan.Zero))
        {
            using (connection.AcquireDistributedLock("old", TimeSpan.Zero))
                Assert.Throws<Hangfire.PostgreSql.PostgreSqlDistributedLockException>(() => other.AcquireDistributedLock("old", TimeSpan.Zero));
            Assert.Throws<Hangfire.PostgreSql.PostgreSqlDistributedLockException>(() => other.AcquireDistributedLock("old", TimeSpan.Zero));
        }
        other.AcquireDistributedLock("old", TimeSpan.Zero).Dispose();
        Assert.Throws<Hangfire.PostgreSql.PostgreSqlDistributedLockException>(() => connection.AcquireDistributedLock("young", TimeSpan.FromSeconds(0.1)));

        void Leave(string name, string acquired) => Count(
            _server!.ConnectionString("postgres"),
            $"WITH one AS (INSERT INTO unlearn_jobs.lock (resource, acquired) VALUES ('unlearn_jobs:{name}', {acquired}) RETURNING 1) SELECT 1::bigint");
    }

    public void Dispose() => _server?.Dispose();

    private string DatabaseOfHour(int hours)
    {
        Assert.SkipUnless(TemporaryPostgres.IsInstalled, "PostgreSQL is not installed: apt-get install postgresql");
        Assert.SkipUnless(_library.Length > 0, "libfaketime is not installed: apt-get install faketime");
        // The server inherits the tests' environment.
        foreach (var (name, value) in Skewed(hours))
            Environment.SetEnvironmentVariable(name, value);
        try
        {
            _server = new(PostgresServer.Password);
        }
        finally
        {
            foreach (var (name, _) in Skewed(hours))
                Environment.SetEnvironmentVariable(name, null);
        }
        var database = _server.ConnectionString("postgres");
        AssertSkew(hours, DateTimeOffset.FromUnixTimeSeconds(Count(database, "SELECT extract(epoch FROM now())::bigint")));
        return database;
    }

    private async Task<WorkerProcess> StartAsync(ClusterCase chaos, int hours, params (string Name, string Value)[] more)
    {
        var environment = Skewed(hours);
        foreach (var (name, value) in more)
            environment[name] = value;
        var worker = chaos.StartWorker(environment: environment);
        AssertSkew(hours, await worker.ReadyAsync());
        return worker;
    }

    private Dictionary<string, string> Skewed(int hours) => new()
    {
        ["LD_PRELOAD"] = _library,
        ["FAKETIME"] = FormattableString.Invariant($"{hours:+0;-0;+0}h"),
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1", // who waits, waits as long as ever
        ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
    };

    private static void AssertSkew(int hours, DateTimeOffset told) => Assert.InRange((told - DateTimeOffset.UtcNow).TotalHours, hours - 0.1, hours + 0.1);

    private static long Count(string database, string query)
    {
        using var connection = new NpgsqlConnection($"{database};Pooling=false");
        connection.Open();
#pragma warning disable CA2100 // The tests' own.
        using var command = new NpgsqlCommand(query, connection);
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
