using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Unlearn.MLNet.Trials.Sqlite;

/// <summary>The open file of a ledger. Statements are prepared once; their parameters are <c>$1</c>, <c>$2</c>, … One thread at a time.</summary>
internal sealed class LedgerConnection(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    /// <summary>Path of the file.</summary>
    public string Path => connection.DataSource;

    /// <summary>Runs a statement.</summary>
    /// <returns>Number of rows that it changed.</returns>
    public int Execute(string statement, params ReadOnlySpan<object?> values) => Prepare(statement, values).ExecuteNonQuery();

    /// <summary>The first value of a query, which has one of this type.</summary>
    public T Value<T>(string query, params ReadOnlySpan<object?> values) => (T)Prepare(query, values).ExecuteScalar()!;

    /// <summary>The rows of a query; to be read or disposed before it is run again.</summary>
    public SqliteDataReader Rows(string query, params ReadOnlySpan<object?> values) => Prepare(query, values).ExecuteReader();

    /// <summary>Runs work as one transaction, which holds the file's write lock from the start.</summary>
    public T InTransaction<T>(Func<T> work)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            var result = work();
            Execute("COMMIT");
            return result;
        }
        catch
        {
            // Some failures, such as a full disk, have rolled back already.
            if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
                Execute("ROLLBACK");
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
            command.Dispose();
        connection.Dispose();
    }

    private SqliteCommand Prepare(string statement, ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(statement, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this folder; values go in as parameters.
            command.CommandText = statement;
#pragma warning restore CA2100
            for (var i = 1; i <= values.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            _prepared.Add(statement, command);
        }
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}
