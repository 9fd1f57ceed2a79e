using System.Net.Sockets;
using Npgsql;

namespace Unlearn.Distributed.Database;

/// <summary>Where a database is and who asks, and how to speak of it without its password.</summary>
internal sealed class PostgresAddress
{
    // Connection poolers tell by these that they have lost the server.
    private const string ConnectionStates = "08";

    // Npgsql has no names for these.
    private const string IdleInTransaction = "25P03";
    private const string TransactionTimeout = "25P04";

    private static readonly HashSet<string> PassingStates = new(StringComparer.Ordinal)
    {
        // The server of now takes no writes: the disk of a managed database is nearly full, or another server is taking over.
        PostgresErrorCodes.ReadOnlySqlTransaction, PostgresErrorCodes.ObjectNotInPrerequisiteState,
        IdleInTransaction, TransactionTimeout, PostgresErrorCodes.IdleSessionTimeout,
        PostgresErrorCodes.TransactionRollback, PostgresErrorCodes.SerializationFailure, PostgresErrorCodes.StatementCompletionUnknown,
        PostgresErrorCodes.DeadlockDetected,
        PostgresErrorCodes.InsufficientResources, PostgresErrorCodes.DiskFull, PostgresErrorCodes.OutOfMemory, PostgresErrorCodes.TooManyConnections,
        PostgresErrorCodes.ObjectInUse, PostgresErrorCodes.LockNotAvailable,
        PostgresErrorCodes.QueryCanceled, PostgresErrorCodes.AdminShutdown, PostgresErrorCodes.CrashShutdown, PostgresErrorCodes.CannotConnectNow,
        PostgresErrorCodes.SystemError, PostgresErrorCodes.IoError,
    };

    private readonly NpgsqlConnectionStringBuilder _settings;

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="ArgumentException">It cannot be read, or names no host.</exception>
    public PostgresAddress(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        try
        {
            _settings = new(connectionString);
        }
        catch (Exception cause) when (cause is ArgumentException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            // Neither the text nor what Npgsql says of it: a password with a semicolon would be read as a keyword, and be told.
#pragma warning disable CA2208 // The argument is the caller's option.
            throw new ArgumentException(
                "The connection string cannot be read: write 'Host=…;Port=…;Database=…;Username=…;Password=…', with a value that holds ';' or '=' in double "
                + "quotes. It is not shown here, since it may hold a password.");
#pragma warning restore CA2208
        }
        if (string.IsNullOrEmpty(_settings.Host))
            throw new ArgumentException("The connection string names no host: begin it with 'Host=…'.");
        _settings.ApplicationName ??= "Unlearn.MLNet";
        _settings.Enlist = false;
        _settings.PersistSecurityInfo = false;
        _settings.IncludeErrorDetail = false;
    }

    /// <summary>The connection string, with the password.</summary>
    public string ConnectionString => _settings.ConnectionString;

    /// <summary>One connection by itself, which prepares statements.</summary>
    public NpgsqlConnection Connection() => new(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false, MaxAutoPrepare = 30 }.ConnectionString);

    /// <summary>The database in words.</summary>
    public override string ToString() => Invariant($"database '{_settings.Database ?? _settings.Username}' at {_settings.Host}:{_settings.Port}");

    /// <summary>Whether a failure may pass: the server restarts, the network is cut, the disk is full, or two transactions were in each other's way.</summary>
    public static bool CanPass(Exception failure) => failure switch
    {
        PostgresException { SqlState: var state } => PassingStates.Contains(state) || state.StartsWith(ConnectionStates, StringComparison.Ordinal),
        NpgsqlException { IsTransient: true } => true,
        NpgsqlException { InnerException: IOException or SocketException or TimeoutException or EndOfStreamException } => true,
        SocketException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Says what a failure of the database means.</summary>
    public string Explain(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            $"The {this} refuses user '{_settings.Username}': check user name and password of the connection string, and the server's pg_hba.conf.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => $"The {this} does not exist: make it by 'createdb', or name another one.",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
            $"User '{_settings.Username}' lacks rights in the {this}: grant CREATE on the database, and usage of its schemas.",
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } =>
            $"The disk of the {this} is full: free some space and run again; finished trials are kept.",
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } =>
            $"The {this} can be read alone: name the server that takes writes; services make a database so when its disk is nearly full. "
            + "Finished trials are kept.",
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
            $"The {this} has no connection left: raise its max_connections, or run fewer processes; finished trials are kept.",
        PostgresException other => $"The {this} refused a statement [{other.SqlState}: {other.MessageText}].",
        _ => $"The {this} cannot be reached [{(failure.InnerException ?? failure).Message}]: check host and port of the connection string, and whether the "
            + "server runs and listens there; finished trials are kept.",
    };
}
