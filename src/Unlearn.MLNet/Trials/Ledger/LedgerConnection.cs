using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Unlearn.MLNet.Trials.Ledger;

/// <summary>The open file of a ledger. Statements are prepared once; their parameters are <c>?1</c>, <c>?2</c>, … One thread at a time.</summary>
internal sealed class LedgerConnection(SqliteConnection connection, LockPatience? patience = null) : IDisposable
{
    private readonly LockPatience _patience = patience ?? new(TimeSpan.Zero);
    private readonly Dictionary<string, LedgerStatement> _prepared = new(StringComparer.Ordinal);

    /// <summary>Path of the file.</summary>
    public string Path => connection.DataSource;

    /// <summary>Runs statements that are needed once, such as those that open the file.</summary>
    /// <returns>The first value that they yield, if any.</returns>
    public object? Script(string statements)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this folder.
        command.CommandText = statements;
#pragma warning restore CA2100
        return _patience.Repeat(command.ExecuteScalar);
    }

    /// <summary>Runs a statement.</summary>
    /// <returns>Number of rows that it changed.</returns>
    public int Execute(string statement, params ReadOnlySpan<object?> values)
    {
        var running = Rows(statement, values);
        while (running.Next())
        {
        }
        return raw.sqlite3_changes(connection.Handle);
    }

    /// <summary>The number that a query yields.</summary>
    public long Number(string query, params ReadOnlySpan<object?> values)
    {
        var row = Rows(query, values);
        var number = row.Next() ? row.Integer(0) : throw new InvalidOperationException("The query yields nothing.");
        row.Next();
        return number;
    }

    /// <summary>The rows of a query; running it again begins anew.</summary>
    public LedgerStatement Rows(string query, params ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(query, out var statement))
            _prepared.Add(query, statement = new LedgerStatement(connection.Handle!, query, _patience));
        return statement.With(values);
    }

    /// <summary>Whether a transaction is open.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(connection.Handle) == 0;

    /// <summary>Runs work as one transaction, which holds the file's write lock from the start; within another one, as a part of it.</summary>
    public T InTransaction<T>(Func<T> work)
    {
        if (IsInTransaction)
            return work();
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
            if (IsInTransaction)
                Execute("ROLLBACK");
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var statement in _prepared.Values)
            statement.Dispose();
        connection.Dispose();
    }
}
