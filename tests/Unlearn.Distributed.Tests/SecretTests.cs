using System.Collections.Concurrent;
using System.Text;
using Hangfire.Logging;
using Npgsql;
using Unlearn.MLNet;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>The password is nowhere: not in Hangfire's log, in a table of the database, in a blob, or in what a worker writes.</summary>
public sealed class SecretTests(PostgresServer server)
{
    [Fact]
    public async Task The_password_stays_where_it_is()
    {
        var log = new Log();
        LogProvider.SetCurrentLogProvider(log);
        using var trials = new ClusterCase(server.NewDatabase(), 4, new ExactRetraining(), new FineTuning());
        string output;
        using (var process = trials.StartWorker())
        {
            await using (new InProcessWorker(trials.Database, new BlobFolder(trials.Blobs)))
                await trials.RunAsync();
            output = await process.EndAsync();
        }
        using var parts = new PartsCase(files: 2);
        await using (new InProcessWorker(trials.Database, new BlobFolder(parts.Blobs)))
            await parts.RunAsync("out", cluster: parts.Cluster(trials.Database));
        // A job that fails, and a server that goes away while somebody works, say more.
        using var elsewhere = new Unlearn.MLNet.Tests.TemporaryFolder();
        await using (new InProcessWorker(trials.Database, new BlobFolder(elsewhere.File("other"))))
        {
            var again = new ClusterCase(trials.Database, 6, new ExactRetraining());
            await Assert.ThrowsAsync<DistributedTrialsException>(() => again.RunAsync());
            await server.RestartAsync(TimeSpan.FromSeconds(0.5));
            again.Dispose();
        }

        Assert.NotEmpty(log.Lines);
        Assert.All(log.Lines, AssertClean);
        AssertClean(output);
        var rows = Everything(trials.Database);
        Assert.Contains(rows, row => row.Contains("TrialJob", StringComparison.Ordinal));
        Assert.Contains(rows, row => row.Contains("PartJob", StringComparison.Ordinal));
        Assert.All(rows, AssertClean);
        Assert.All(rows, row => Assert.DoesNotContain(parts.Input, row, StringComparison.Ordinal));
        Assert.All([.. Directory.EnumerateFiles(trials.Blobs), .. Directory.EnumerateFiles(parts.Blobs)],
            file => AssertClean(File.ReadAllText(file, Encoding.Latin1)));
    }

    private static void AssertClean(string text)
    {
        Assert.DoesNotContain(PostgresServer.Password, text, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim4711", text, StringComparison.Ordinal);
    }

    private static List<string> Everything(string database)
    {
        using var connection = new NpgsqlConnection(database + ";Pooling=false");
        connection.Open();
        return [.. Query("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname LIKE 'unlearn%'")
            .SelectMany(table => Query($"SELECT t::text FROM {table} AS t"))];

        List<string> Query(string text)
        {
#pragma warning disable CA2100 // Names of tables of the database's own.
            using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
            using var reader = command.ExecuteReader();
            List<string> rows = [];
            while (reader.Read())
                rows.Add(reader.GetString(0));
            return rows;
        }
    }

    private sealed class Log : ILogProvider, ILog
    {
        public ConcurrentBag<string> Lines { get; } = [];

        public ILog GetLogger(string name) => this;

        bool ILog.Log(LogLevel logLevel, Func<string>? messageFunc, Exception? exception)
        {
            if (messageFunc is not null)
                Lines.Add($"{messageFunc()} {exception}");
            return true;
        }
    }
}
