using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Unlearn.Examples.DistributedTrials;

/// <summary>
/// A PostgreSQL server from Debian's or Ubuntu's package, on loopback, in a temporary folder, of an unprivileged user: for samples, tests and benchmarks.
/// It does not sync its files to the disk, so it is no place to keep anything.
/// </summary>
internal sealed class TemporaryPostgres : IDisposable
{
    private const string Packages = "/usr/lib/postgresql";
    private const string User = "unlearn";

    private static readonly string? Programs = !Directory.Exists(Packages) ? null : Directory.EnumerateDirectories(Packages)
        .Select(folder => Path.Combine(folder, "bin")).Where(Directory.Exists).Order(StringComparer.Ordinal).LastOrDefault();

    private readonly string _folder = Directory.CreateTempSubdirectory("unlearn-postgres-").FullName;
    private readonly string _password;
    private readonly string _settings;

    /// <summary>Starts a server.</summary>
    /// <param name="password">Password of its only user.</param>
    /// <param name="settings">Further settings, such as <c>shared_preload_libraries=pg_stat_statements</c>.</param>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed, or does not start.</exception>
    public TemporaryPostgres(string password, params string[] settings)
    {
        if (!IsInstalled)
            throw new InvalidOperationException($"PostgreSQL is not installed in {Packages}: apt-get install postgresql");
        _password = password;
        _settings = string.Concat(settings.Select(setting => $" -c {setting}"));
        var file = Path.Combine(_folder, "password");
        File.WriteAllText(file, password);
        if (Environment.IsPrivilegedProcess)
            Execute("chown", "-R", "nobody", _folder);
        Run("initdb", "-D", Data, "-U", User, "--auth=scram-sha-256", $"--pwfile={file}", "--encoding=UTF8", "--locale=C", "--no-sync");
        Start();
    }

    /// <summary>Whether a server can be started here.</summary>
    public static bool IsInstalled => Programs is not null;

    /// <summary>Port on loopback.</summary>
    public int Port { get; } = FreePort();

    private string Data => Path.Combine(_folder, "data");

    /// <summary>The connection string of a database.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = database,
        Username = User,
        Password = _password,
        Timeout = 5,
    }.ConnectionString;

    /// <summary>Ends the server without a farewell, as a power failure does.</summary>
    public void Kill() => Run("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");

    /// <summary>Starts the server again.</summary>
    public void Start()
    {
        var options = string.Create(CultureInfo.InvariantCulture, $"-p {Port} -k {_folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200");
        Run("pg_ctl", "-D", Data, "-w", "-l", Path.Combine(_folder, "log"), "-o", options + _settings, "start");
    }

    public void Dispose()
    {
        Kill();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Run(string program, params IEnumerable<string> arguments)
    {
        var path = Path.Combine(Programs!, program);
        if (Environment.IsPrivilegedProcess) // the server refuses to be root's
            Execute("runuser", ["-u", "nobody", "--", path, .. arguments]);
        else
            Execute(path, arguments);
    }

    private static void Execute(string program, params IEnumerable<string> arguments)
    {
        // What the server says goes to a file: it would keep a pipe open for as long as it runs.
        var log = Path.GetTempFileName();
        try
        {
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" </dev/null >\"$0\" 2>&1", log, program, .. arguments])
            {
                WorkingDirectory = "/",
            })!;
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{program} failed: {File.ReadAllText(log)}");
        }
        finally
        {
            File.Delete(log);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
