using Unlearn.Distributed.Database;
using Unlearn.MLNet;
using Unlearn.MLNet.Tests.Trials;
using Unlearn.MLNet.Tests.Trials.Ledger;
using Unlearn.MLNet.Trials;
using Xunit;

namespace Unlearn.Distributed.Tests;

// The same tests as SQLite's ledger.
public sealed class PostgresLedgerTests(PostgresServer server) : TrialLedgerContract
{
    private readonly string _database = server.NewDatabase();

    public override void Dispose() { }

    private protected override ITrialLedger Open() => OpenHere();

    private PostgresTrialLedger OpenHere() => new(new(_database), "unlearn");

    [Theory]
    [InlineData("UPDATE unlearn.trial SET cpu_seconds = cpu_seconds + 1")]
    [InlineData("UPDATE unlearn.trial SET parameter_shift = NULL")]
    [InlineData("UPDATE unlearn.trial SET steps = steps + 1")]
    [InlineData("UPDATE unlearn.trial SET all_logit_confidences = '\\x00000000'")]
    [InlineData("UPDATE unlearn.trial SET outcomes = substr(outcomes, 1, length(outcomes) - 1)")]
    public void A_changed_measurement_is_noticed(string change)
    {
        using var ledger = OpenHere();
        var spec = TestTrials.Plan().Trials[0];
        ledger.Add(spec, TestTrials.FullResult(spec));
        ledger.Connection.Execute(change);
        Assert.Contains("is damaged", Assert.Throws<TrialLedgerException>(() => ledger.Read([spec.Id])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_of_a_newer_version_is_left_alone()
    {
        using (var ledger = OpenHere())
            ledger.Connection.Execute("UPDATE unlearn.version SET number = 7");
        var failure = Assert.Throws<TrialLedgerException>(OpenHere);
        Assert.Contains("has version 7, but this program knows versions up to 1", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Unlearn")]
    [InlineData("a\"; DROP SCHEMA public; --")]
    [InlineData("ledger-2")]
    public void Names_that_are_no_ledgers_are_refused(string name) =>
        Assert.Contains("cannot be the name of a ledger", Assert.Throws<ArgumentException>(() => new PostgresTrialLedger(new(_database), name)).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task A_restart_of_the_server_only_takes_time()
    {
        using var ledger = OpenHere();
        var plan = TestTrials.Plan(trials: 200);
        var adding = Task.Run(() => plan.Trials.Count(trial =>
        {
            using var claim = ledger.Claim(trial);
            Thread.Sleep(5);
            return ledger.Add(trial, TestTrials.Result(trial));
        }), TestContext.Current.CancellationToken);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        await server.RestartAsync(TimeSpan.FromSeconds(0.5));
        await adding;
        using var other = OpenHere();
        foreach (var trial in plan.Trials)
            TestTrials.AssertSame(TestTrials.Result(trial), other.Read(trial));
    }
}

public sealed class PostgresClaimTests : TrialClaimContract
{
    private readonly PostgresTrialLedger _ledger;

    public PostgresClaimTests(PostgresServer server)
    {
        PostgresAddress address = new(server.NewDatabase());
        _ledger = new(address, "unlearn");
        Begin(time => new PostgresTrialLedger(address, "unlearn", time));
    }

    public override void Dispose()
    {
        base.Dispose();
        _ledger?.Dispose();
    }

    private protected override long Leases() => _ledger.Connection.Number("SELECT count(*) FROM unlearn.lease");
}

public sealed class PostgresPlanRegistrationTests(PostgresServer server)
    : TrialPlanRegistrationContract(new PostgresTrialLedger(new(server.NewDatabase()), "unlearn"));

public sealed class PostgresSharedLedgerTests(PostgresServer server) : SharedLedgerContract
{
    private readonly string _database = server.NewDatabase();

    public override void Dispose() { }

    private protected override ITrialLedger Open() => new PostgresTrialLedger(new(_database), "unlearn");
}
