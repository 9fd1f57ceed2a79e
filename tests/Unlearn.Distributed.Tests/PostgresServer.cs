using System.Globalization;
using Npgsql;
using Unlearn.Distributed.Tests;
using Unlearn.Examples.DistributedTrials;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// Some tests restart the server that all share.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace Unlearn.Distributed.Tests;

/// <summary>A PostgreSQL server of the tests' own. Where it is not installed, tests that ask for a database are skipped.</summary>
public sealed class PostgresServer : IDisposable
{
    public const string Password = "pässword;=\"geheim4711\"";

    private readonly Lazy<TemporaryPostgres> _server = new(() => new(Password));
    private int _databases;

    /// <summary>Port on loopback.</summary>
    public int Port => _server.Value.Port;

    /// <summary>Makes a database.</summary>
    /// <returns>Its connection string.</returns>
    public string NewDatabase()
    {
        Assert.SkipUnless(TemporaryPostgres.IsInstalled, "PostgreSQL is not installed: apt-get install postgresql");
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        using var connection = new NpgsqlConnection($"{_server.Value.ConnectionString("postgres")};Pooling=false");
        connection.Open();
#pragma warning disable CA2100 // A name of the tests' own.
        using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
        return _server.Value.ConnectionString(name);
    }

    /// <summary>Kills the server, as a power failure does, and starts it again.</summary>
    /// <param name="pause">How long it is away.</param>
    public async Task RestartAsync(TimeSpan pause)
    {
        _server.Value.Kill();
        await Task.Delay(pause, TestContext.Current.CancellationToken);
        _server.Value.Start();
    }

    public void Dispose()
    {
        if (_server.IsValueCreated)
            _server.Value.Dispose();
    }
}
