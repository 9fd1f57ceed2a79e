using Npgsql;
using Unlearn.Distributed.TestWorker;
using Unlearn.Examples.DistributedTrials;
using Xunit;
using static Unlearn.Distributed.Tests.ChaosSteps;

namespace Unlearn.Distributed.Tests;

/// <summary>The disk of the database, or of the blobs, is full in the midst of a run.</summary>
[Collection(nameof(ChaosTests))]
public sealed class DiskFullTests(PostgresServer shared) : IDisposable
{
    private const int Trials = 40;

    private TemporaryPostgres? _server;

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_of_the_tables_is_waited_for()
    {
        using var disk = new SmallDisk(megabytes: 32);
        using var chaos = NewCase(DatabaseOn(disk));
        await using var worker = InProcessWorker.OfSleeping(chaos);
        var running = chaos.RunAsync(cancellationToken: TestToken);
        await UntilAsync(() => Ended(chaos) > 5, running);
        disk.Fill();
        await ExpectDiskFullAsync(chaos.Database);
        await Task.Delay(TimeSpan.FromSeconds(4), TestToken);
        Assert.False(running.IsCompleted);
        Assert.InRange(Ended(chaos), 6, Trials - 1);
        disk.Free();
        await AssertUndisturbedAsync(chaos, await running);
        Assert.InRange(Ended(chaos), Trials, Trials + 1);
    }

    [Fact]
    public async Task A_server_that_stops_since_its_log_finds_no_room_is_waited_for()
    {
        using var disk = new SmallDisk(megabytes: 96);
        var server = NewServer("min_wal_size=32MB", "max_wal_size=32MB");
        var log = Path.Combine(Text(server.ConnectionString("postgres"), "SHOW data_directory"), "pg_wal");
        server.Kill();
        var there = disk.Folder("logs", likeFolder: log);
        Assert.True(SmallDisk.Run("mv", log, there) && SmallDisk.Run("ln", "-s", Path.Combine(there, "pg_wal"), log));
        server.Start();

        using var chaos = NewCase(server.ConnectionString("postgres"));
        await using var worker = InProcessWorker.OfSleeping(chaos);
        var running = chaos.RunAsync(cancellationToken: TestToken);
        await UntilAsync(() => Ended(chaos) > 5, running);
        disk.Fill();
        Assert.ThrowsAny<NpgsqlException>(() => StartLogFiles(chaos.Database));
        await Task.Delay(TimeSpan.FromSeconds(3), TestToken);
        Assert.ThrowsAny<NpgsqlException>(() => Text(chaos.Database, "SELECT 1")); // it cannot recover without room
        Assert.False(running.IsCompleted);
        disk.Free();
        server.Start();
        await AssertUndisturbedAsync(chaos, await running);
        Assert.InRange(Ended(chaos), Trials, Trials + 1);
    }

    [Fact]
    public async Task A_disk_that_stays_full_ends_the_run_by_its_name_and_the_next_run_goes_on()
    {
        using var disk = new SmallDisk(megabytes: 32);
        using var chaos = NewCase(DatabaseOn(disk));
        chaos.Cluster = chaos.NewCluster(chaos.Database, patienceSeconds: 1);
        await using (InProcessWorker.OfSleeping(chaos))
        {
            var running = chaos.RunAsync(cancellationToken: TestToken);
            await UntilAsync(() => Ended(chaos) > 5, running);
            disk.Fill();
            var failure = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => running);
            Assert.Contains("The disk of the database 'small' at 127.0.0.1", failure.Message, StringComparison.Ordinal);
            Assert.Contains("is full: free some space and run again; finished trials are kept.", failure.Message, StringComparison.Ordinal);
        }
        disk.Free();
        var kept = Text(chaos.Database, "SELECT count(*)::text FROM unlearn.trial");
        Assert.InRange(int.Parse(kept, System.Globalization.CultureInfo.InvariantCulture), 5, Trials - 1);
        await using var worker = InProcessWorker.OfSleeping(chaos);
        await AssertUndisturbedAsync(chaos, await chaos.RunAsync(cancellationToken: TestToken));
        Assert.InRange(Ended(chaos), Trials, Trials + 2);
    }

    [Fact]
    public async Task A_full_disk_of_the_blobs_is_told_by_its_folder_and_nothing_is_half_written()
    {
        using var disk = new SmallDisk(megabytes: 8);
        var database = shared.NewDatabase();
        using var chaos = NewCase(database);
        var blobs = disk.Folder("blobs", likeFolder: disk.Path);
        chaos.Cluster = chaos.NewCluster(database, blobs);
        disk.Fill();
        var failure = await Assert.ThrowsAsync<DistributedTrialsException>(() => chaos.RunAsync(cancellationToken: TestToken));
        Assert.Contains($"The folder '{blobs}' cannot keep", failure.Message, StringComparison.Ordinal);
        Assert.Contains("No space left on device", failure.Message, StringComparison.Ordinal);
        Assert.All(Directory.EnumerateFiles(blobs), file => Assert.Equal(64, Path.GetFileName(file).Length));

        disk.Free();
        await using var worker = InProcessWorker.OfSleeping(chaos);
        await AssertUndisturbedAsync(chaos, await chaos.RunAsync(cancellationToken: TestToken));
    }

    public void Dispose() => _server?.Dispose();

    private static ClusterCase NewCase(string database) => new(database, Trials, new Sleeping { Milliseconds = 100 });

    private TemporaryPostgres NewServer(params string[] settings)
    {
        Assert.SkipUnless(TemporaryPostgres.IsInstalled, "PostgreSQL is not installed: apt-get install postgresql");
        return _server = new(PostgresServer.Password, settings);
    }

    private string DatabaseOn(SmallDisk disk)
    {
        var server = NewServer();
        var administration = server.ConnectionString("postgres");
        var folder = disk.Folder("tables", likeFolder: Text(administration, "SHOW data_directory"));
        Execute(administration, $"CREATE TABLESPACE small LOCATION '{folder}'");
        Execute(administration, "CREATE DATABASE small TABLESPACE small");
        return server.ConnectionString("small");
    }

    private static async Task ExpectDiskFullAsync(string database)
    {
        await using var connection = new NpgsqlConnection($"{database};Pooling=false");
        await connection.OpenAsync(TestToken);
        await using var command = new NpgsqlCommand("CREATE TABLE large AS SELECT md5(n::text) FROM generate_series(1, 100000) AS n", connection);
        var failure = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(TestToken));
        Assert.Equal(PostgresErrorCodes.DiskFull, failure.SqlState);
    }

    private static void StartLogFiles(string database)
    {
        while (true)
            Text(database, "SELECT pg_switch_wal()");
    }

    private static void Execute(string database, string statement) => Do(database, statement, command => command.ExecuteNonQuery());

    private static string Text(string database, string query) => Do(database, query, command => $"{command.ExecuteScalar()}");

    private static T Do<T>(string database, string statement, Func<NpgsqlCommand, T> work)
    {
        using var connection = new NpgsqlConnection($"{database};Pooling=false");
        connection.Open();
#pragma warning disable CA2100 // The tests' own.
        using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        return work(command);
    }
}
