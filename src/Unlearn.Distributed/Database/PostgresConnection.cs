using Npgsql;
using Unlearn.MLNet;

namespace Unlearn.Distributed.Database;

/// <summary>
/// One connection to a database, on one thread at a time. It is opened again when it was lost, and the work that it was lost in is done again.
/// </summary>
/// <param name="address">The database.</param>
/// <param name="patience">How long to keep trying to open it again, and to do work that fails only at the moment.</param>
/// <param name="cancellationToken">Ends the waiting.</param>
internal sealed class PostgresConnection(PostgresAddress address, TimeSpan patience, CancellationToken cancellationToken) : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private NpgsqlConnection? _connection;
    private bool _isInTransaction;

    /// <summary>Opens the connection: what is wrong with it is told at once.</summary>
    /// <exception cref="TrialLedgerException">The database cannot be used.</exception>
    public void Open()
    {
        try
        {
            Reopen();
        }
        catch (Exception failure) when (IsOfDatabase(failure))
        {
            throw new TrialLedgerException(address.Explain(failure), failure);
        }
    }

    /// <summary>Does work with the database, as often as it takes.</summary>
    /// <param name="work">Calls <see cref="Execute"/>, <see cref="Number"/> and <see cref="Rows"/>; it may be begun anew.</param>
    /// <exception cref="TrialLedgerException">The database cannot be used.</exception>
    public T Do<T>(Func<T> work) => Do(work, patience);

    /// <summary>Does work with the database, as often as it takes, for some time.</summary>
    /// <param name="work">As above.</param>
    /// <param name="longest">How long to try.</param>
    /// <exception cref="TrialLedgerException">The database cannot be used.</exception>
    public T Do<T>(Func<T> work, TimeSpan longest)
    {
        if (_isInTransaction)
            return work();
        var start = TimeProvider.System.GetTimestamp();
        for (var pause = TimeSpan.FromSeconds(0.05); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            try
            {
                if (_connection is null)
                    Reopen();
                return work();
            }
            catch (Exception failure) when (IsOfDatabase(failure))
            {
                if (_connection?.FullState != System.Data.ConnectionState.Open)
                    Drop();
                if (!(PostgresAddress.CanPass(failure) || failure is InvalidOperationException) || TimeProvider.System.GetElapsedTime(start) >= longest)
                    throw new TrialLedgerException(address.Explain(failure), failure);
                if (cancellationToken.WaitHandle.WaitOne(pause))
                    cancellationToken.ThrowIfCancellationRequested();
            }
    }

    /// <summary>Does work in one transaction.</summary>
    public T Together<T>(Func<T> work) => Do(() =>
    {
        if (_isInTransaction)
            return work();
        using var transaction = _connection!.BeginTransaction();
        _isInTransaction = true;
        try
        {
            var result = work();
            transaction.Commit();
            return result;
        }
        finally
        {
            _isInTransaction = false;
        }
    });

    /// <summary>Executes a statement.</summary>
    /// <returns>Number of rows that it changed.</returns>
    public int Execute(string statement, params ReadOnlySpan<object?> values)
    {
        using var command = Command(statement, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>The whole number that a query gives.</summary>
    public long Number(string query, params ReadOnlySpan<object?> values)
    {
        using var command = Command(query, values);
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>What a query gives, row by row.</summary>
    public List<T> Rows<T>(Func<NpgsqlDataReader, T> read, string query, params ReadOnlySpan<object?> values)
    {
        using var command = Command(query, values);
        using var reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    /// <inheritdoc/>
    public void Dispose() => Drop();

    private NpgsqlCommand Command(string statement, ReadOnlySpan<object?> values)
    {
#pragma warning disable CA2100 // Statements are constants but for the name of the schema, which is checked; values are parameters.
        var command = new NpgsqlCommand(statement, _connection);
#pragma warning restore CA2100
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value is double number ? number + 0.0 : value ?? DBNull.Value }); // −0 as 0, like the other ledger
        return command;
    }

    private void Reopen()
    {
        Drop();
        _connection = address.Connection();
        try
        {
            _connection.Open();
        }
        catch
        {
            Drop();
            throw;
        }
    }

    private void Drop()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private static bool IsOfDatabase(Exception failure) =>
        failure is NpgsqlException or System.Net.Sockets.SocketException or TimeoutException or IOException
        || failure is InvalidOperationException and not TrialLedgerException and not DistributedTrialsException && failure.Source == "Npgsql";
}
