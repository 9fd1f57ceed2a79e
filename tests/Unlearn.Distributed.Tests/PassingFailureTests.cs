using Npgsql;
using Unlearn.Distributed.Database;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>Which failures of a database are waited for.</summary>
public sealed class PassingFailureTests
{
    [Theory]
    [InlineData("08006", true, "connection_failure")]
    [InlineData("08P01", true, "protocol_violation, which a pooler says of a server that is away")]
    [InlineData("25006", true, "read_only_sql_transaction, while another server takes over")]
    [InlineData("25P03", true, "idle_in_transaction_session_timeout")]
    [InlineData("25P04", true, "transaction_timeout")]
    [InlineData("40001", true, "serialization_failure")]
    [InlineData("40P01", true, "deadlock_detected")]
    [InlineData("53000", true, "insufficient_resources")]
    [InlineData("53100", true, "disk_full")]
    [InlineData("53200", true, "out_of_memory")]
    [InlineData("53300", true, "too_many_connections")]
    [InlineData("55000", true, "object_not_in_prerequisite_state, during recovery")]
    [InlineData("55006", true, "object_in_use")]
    [InlineData("55P03", true, "lock_not_available")]
    [InlineData("57014", true, "query_canceled, by an administrator or a timeout")]
    [InlineData("57P01", true, "admin_shutdown")]
    [InlineData("57P02", true, "crash_shutdown")]
    [InlineData("57P03", true, "cannot_connect_now")]
    [InlineData("57P05", true, "idle_session_timeout")]
    [InlineData("58000", true, "system_error")]
    [InlineData("58030", true, "io_error")]
    [InlineData("22001", false, "string_data_right_truncation")]
    [InlineData("23505", false, "unique_violation")]
    [InlineData("28P01", false, "invalid_password")]
    [InlineData("3D000", false, "invalid_catalog_name")]
    [InlineData("40002", false, "transaction_integrity_constraint_violation")]
    [InlineData("42501", false, "insufficient_privilege")]
    [InlineData("42P01", false, "undefined_table")]
    [InlineData("53400", false, "configuration_limit_exceeded")]
    [InlineData("54000", false, "program_limit_exceeded")]
    [InlineData("57P04", false, "database_dropped")]
    [InlineData("58P01", false, "undefined_file")]
    [InlineData("XX001", false, "data_corrupted")]
    [InlineData("XX002", false, "index_corrupted")]
    public void A_state_is_waited_for_or_told_at_once(string state, bool isWaitedFor, string meaning) => Assert.True(
        isWaitedFor == PostgresAddress.CanPass(new PostgresException(meaning, "ERROR", "ERROR", state)), meaning);

    [Theory]
    [InlineData(PostgresErrorCodes.DiskFull, "The disk of the database 'd' at h:5432 is full: free some space")]
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction, "can be read alone")]
    [InlineData(PostgresErrorCodes.TooManyConnections, "has no connection left")]
    public void What_can_be_mended_is_told_by_its_remedy(string state, string expected) => Assert.Contains(
        expected, new PostgresAddress("Host=h;Database=d").Explain(new PostgresException("?", "ERROR", "ERROR", state)), StringComparison.Ordinal);

    [Fact]
    public async Task Jobs_that_cannot_be_added_at_the_moment_are_a_failure_of_the_database()
    {
        await using var connection = new NpgsqlConnection("Host=127.0.0.1;Port=1;Timeout=2");
        var away = await Assert.ThrowsAnyAsync<NpgsqlException>(() => connection.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Same(away, Jobs.JobStore.CauseOf(new Hangfire.BackgroundJobClientException("Background job creation failed.", away)));
        Assert.Null(Jobs.JobStore.CauseOf(new Hangfire.BackgroundJobClientException("Background job creation failed.", new FormatException())));
    }
}
