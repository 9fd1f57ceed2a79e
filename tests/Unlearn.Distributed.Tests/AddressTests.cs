using Unlearn.Distributed.Database;
using Unlearn.MLNet;
using Xunit;

namespace Unlearn.Distributed.Tests;

/// <summary>Connection strings that do not work, and that no password is told.</summary>
public sealed class AddressTests(PostgresServer server)
{
    private const string Secret = "geheim4711";

    [Theory]
    [InlineData("")]
    [InlineData("no connection string")]
    [InlineData("Database=a;Password=geheim4711")]
    [InlineData("Host=127.0.0.1;Password=abc;geheim4711")]
    [InlineData("Host=127.0.0.1;Password=abc;geheim4711=1")]
    [InlineData("Host=127.0.0.1;Port=geheim4711")]
    public void A_connection_string_that_cannot_be_read_is_not_shown(string text)
    {
        var failure = Assert.ThrowsAny<ArgumentException>(() => new PostgresCluster(text, new BlobFolder("blobs")));
        Assert.DoesNotContain(Secret, failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("password", "refuses user 'unlearn'")]
    [InlineData("user", "refuses user 'nobody4711'")]
    [InlineData("database", "does not exist: make it by 'createdb'")]
    [InlineData("port", "cannot be reached")]
    [InlineData("host", "cannot be reached")]
    public async Task A_database_that_cannot_be_used_says_why_to_coordinator_and_worker(string what, string expected)
    {
        var builder = new Npgsql.NpgsqlConnectionStringBuilder(server.NewDatabase());
        switch (what)
        {
            case "password":
                builder.Password = Secret;
                break;
            case "user":
                builder.Username = "nobody4711";
                break;
            case "database":
                builder.Database = "none";
                break;
            case "port":
                builder.Port = 1;
                break;
            default:
                builder.Host = "host.invalid";
                break;
        }
        using var folder = new Unlearn.MLNet.Tests.TemporaryFolder();
        var cluster = new PostgresCluster(builder.ConnectionString, new BlobFolder(folder.Path));
        Exception[] failures =
        [
            Assert.Throws<TrialLedgerException>(() => cluster.OpenLedger("", TestContext.Current.CancellationToken)),
            await Assert.ThrowsAsync<DistributedTrialsException>(() => DistributedWorker.RunAsync(
                new() { ConnectionString = builder.ConnectionString, Blobs = new BlobFolder(folder.Path) }, TestContext.Current.CancellationToken)),
        ];
        Assert.All(failures, failure =>
        {
            Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, failure.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(PostgresServer.Password, failure.ToString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_cluster_does_not_print_its_password()
    {
        var address = new PostgresAddress("Host=h;Username=u;Password=geheim4711;Database=d");
        Assert.Equal("database 'd' at h:5432", $"{address}");
        var cluster = new PostgresCluster("Host=h;Password=geheim4711", new BlobFolder("blobs"));
        var options = new HardnessLabelingOptions { Recipe = Unlearn.MLNet.Tests.TinyStudy.Recipe, Cluster = cluster };
        Assert.DoesNotContain(Secret, $"{options}", StringComparison.Ordinal);
    }
}
