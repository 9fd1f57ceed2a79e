using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Unlearn.Distributed.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace Unlearn.Distributed.Tests;

/// <summary>
/// A PostgreSQL server of the tests' own, from Debian's package: on loopback, in a temporary folder, of an unprivileged user. Where it is not installed,
/// tests that ask for a database are skipped.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    public const string Password = "pässword;=\"4711\"";

    private static readonly string? Programs = Find();

    private readonly Lock _gate = new();
    private readonly string _folder = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"unlearn-postgres-{Environment.ProcessId}"));
    private int _databases;
    private bool _isStarted;

    /// <summary>Port on loopback.</summary>
    public int Port { get; } = FreePort();

    /// <summary>Makes a database.</summary>
    /// <returns>Its connection string.</returns>
    public string NewDatabase()
    {
        Assert.SkipWhen(Programs is null, "PostgreSQL is not installed: apt-get install postgresql");
        lock (_gate)
        {
            if (!_isStarted)
                Begin();
            _isStarted = true;
        }
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        Execute("postgres", $"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>The connection string of a database.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = database,
        Username = "unlearn",
        Password = Password,
        Timeout = 5,
    }.ConnectionString;

    /// <summary>Executes a statement.</summary>
    public void Execute(string database, string statement)
    {
        using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false");
        connection.Open();
#pragma warning disable CA2100 // Tests' own statements.
        using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>Kills the server's work, as a power failure does, and starts it again.</summary>
    /// <param name="pause">How long it is away.</param>
    public async Task RestartAsync(TimeSpan pause)
    {
        Run("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        await Task.Delay(pause, TestContext.Current.CancellationToken);
        Start();
    }

    public void Dispose()
    {
        if (_isStarted)
            Run("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private string Data => Path.Combine(_folder, "data");

    private void Begin()
    {
        Directory.CreateDirectory(_folder);
        var password = Path.Combine(_folder, "password");
        File.WriteAllText(password, Password);
        if (Environment.UserName == "root")
            RunProgram("chown", "-R", "nobody", _folder);
        Run("initdb", "-D", Data, "-U", "unlearn", "--auth=scram-sha-256", $"--pwfile={password}", "--encoding=UTF8", "--locale=C", "--no-sync");
        Start();
    }

    // Results outlive the death of processes without fsync; only the loss of power would need it.
    private void Start() => Run("pg_ctl", "-D", Data, "-w", "-l", Path.Combine(_folder, "log"), "-o",
        string.Create(CultureInfo.InvariantCulture, $"-p {Port} -k {_folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"), "start");

    private static void Run(string program, params IEnumerable<string> arguments)
    {
        var path = Path.Combine(Programs!, program);
        if (Environment.UserName == "root")
            RunProgram("runuser", ["-u", "nobody", "--", path, .. arguments]);
        else
            RunProgram(path, arguments);
    }

    private static void RunProgram(string program, params IEnumerable<string> arguments)
    {
        // The server must not inherit pipes of ours, whose end would never come.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "\"$@\" </dev/null >\"$0\" 2>&1", Path.Combine(Path.GetTempPath(), $"unlearn-{Path.GetFileName(program)}.log"),
            program, .. arguments]) { WorkingDirectory = "/" };
        using var process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {File.ReadAllText(start.ArgumentList[2])}");
    }

    private static string? Find() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin")).LastOrDefault(Directory.Exists)
        : null;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
