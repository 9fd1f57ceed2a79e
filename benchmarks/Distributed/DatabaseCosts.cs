using Npgsql;

namespace Unlearn.Benchmarks.Distributed;

/// <summary>What a database does from now on: statements and their time by <c>pg_stat_statements</c>, write-ahead log, rows of the ledger.</summary>
internal sealed class DatabaseCosts : IDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly string _start;

    public DatabaseCosts(string connectionString)
    {
        _connection = new($"{connectionString};Pooling=false");
        _connection.Open();
        Text("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
        Text("SELECT pg_stat_statements_reset()");
        _start = Text("SELECT pg_current_wal_lsn()");
    }

    public void Print(string what, string ledger, int trials)
    {
        var calls = double.Parse(Text("SELECT sum(calls) FROM pg_stat_statements"), System.Globalization.CultureInfo.InvariantCulture);
        var time = double.Parse(Text("SELECT sum(total_exec_time) FROM pg_stat_statements"), System.Globalization.CultureInfo.InvariantCulture);
        var log = double.Parse(Text($"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '{_start}')"), System.Globalization.CultureInfo.InvariantCulture);
        var row = double.Parse(Text($"SELECT avg(pg_column_size(t)) FROM {ledger}.trial AS t"), System.Globalization.CultureInfo.InvariantCulture);
        Console.WriteLine(Invariant($"{what}: a trial takes {calls / trials:0.0} statements, {time / trials:0.00} ms of the database, ")
            + Invariant($"{log / trials / 1000:0.0} kB of write-ahead log and {row / 1000:0.0} kB in the ledger."));
    }

    public void Dispose() => _connection.Dispose();

    private string Text(string query)
    {
#pragma warning disable CA2100 // Queries of this class, and the name of a ledger.
        using var command = new NpgsqlCommand(query, _connection);
#pragma warning restore CA2100
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture) ?? "";
    }
}
