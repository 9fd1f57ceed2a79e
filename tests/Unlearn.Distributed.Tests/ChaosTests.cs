using System.Globalization;
using Unlearn.Distributed.TestWorker;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.Transforms;
using Xunit;
using static Unlearn.Distributed.Tests.ChaosSteps;

namespace Unlearn.Distributed.Tests;

/// <summary>
/// Workers die, stop, lose the network, and the database restarts: every trial has its result exactly once, the same as without all that, and finished
/// trials are not run again. The long form: <c>UNLEARN_CHAOS_TRIALS=2000</c>.
/// </summary>
[Collection(nameof(ChaosTests))]
public sealed class ChaosTests(PostgresServer server)
{
    private const int UsualTrials = 60;

    private static readonly int Trials =
        int.Parse(Environment.GetEnvironmentVariable("UNLEARN_CHAOS_TRIALS") ?? $"{UsualTrials}", CultureInfo.InvariantCulture);

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_and_stopped_workers_and_a_restarted_database_change_nothing()
    {
        var trials = Trials;
        using var chaos = new ClusterCase(server.NewDatabase(), trials, new Sleeping { Milliseconds = 200 });
        var random = new SeededRandom(1);
        var workers = Enumerable.Range(0, 3).Select(_ => chaos.StartWorker()).ToList();
        var disturbances = 0;
        try
        {
            var running = chaos.RunAsync(cancellationToken: TestToken);
            await UntilAsync(() => Ended(chaos) > trials / 10, running);

            workers[0].Stop(); // longer than its timeout of 3 s
            disturbances++;
            await UntilAsync(() => Ended(chaos) > trials / 4, running);
            for (var (round, rounds) = (1, Math.Max(2, trials / 100)); round <= rounds && !running.IsCompleted; round++)
            {
                var victim = 1 + (int)(random.NextDouble() * 2);
                workers[victim].Kill();
                disturbances++;
                workers[victim].Dispose();
                workers[victim] = chaos.StartWorker();
                await UntilAsync(() => Ended(chaos) > trials * (0.25 + 0.25 * round / rounds), running);
            }
            await server.RestartAsync(TimeSpan.FromSeconds(1));
            disturbances += workers.Count;
            await Task.Delay(TimeSpan.FromSeconds(2), TestToken);
            workers[0].Continue();

            var run = await running;
            Assert.InRange(Ended(chaos), trials, trials + disturbances);
            await AssertUndisturbedAsync(chaos, run);
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
        }
    }

    [Fact]
    public async Task A_cut_network_only_takes_time()
    {
        const int Trials = 80; // ten seconds' work: it is not done before the network is cut
        var database = server.NewDatabase();
        using var proxy = new TcpProxy(server.Port);
        using var chaos = new ClusterCase(database, Trials, new Sleeping { Milliseconds = 100 });
        var behindProxy = new Npgsql.NpgsqlConnectionStringBuilder(database) { Port = proxy.Port }.ConnectionString;
        using var worker = new WorkerProcess(behindProxy, chaos.Blobs, chaos.Diary);
        var running = chaos.RunAsync(cancellationToken: TestToken);
        await UntilAsync(() => Ended(chaos) > 5, running);
        proxy.Cut(true);
        await Task.Delay(TimeSpan.FromSeconds(4), TestToken);
        Assert.False(running.IsCompleted);
        proxy.Cut(false);
        Assert.Equal(Trials, (await running).Results.Count);
        Assert.InRange(Ended(chaos), Trials, Trials + 2);
    }

    [Fact]
    public async Task A_job_that_is_lost_is_added_again()
    {
        using var chaos = new ClusterCase(server.NewDatabase(), 4, new Sleeping { Milliseconds = 50 });
        using var ledger = (Database.PostgresTrialLedger)chaos.Cluster.OpenLedger("", TestToken);
        var running = chaos.RunAsync(cancellationToken: TestToken);
        await UntilAsync(() => Jobs() == 2, running); // without a worker, no trial is timed, and no more jobs are added
        ledger.Connection.Execute("TRUNCATE unlearn_jobs.jobqueue, unlearn_jobs.job CASCADE");
        await using var worker = InProcessWorker.OfSleeping(chaos);
        Assert.Equal(4, (await running).Results.Count);
        Assert.Equal(4, Ended(chaos));

        long Jobs() => ledger.Connection.Number("SELECT count(*) FROM pg_tables WHERE schemaname = 'unlearn_jobs' AND tablename = 'jobqueue'") == 0 ? 0
            : ledger.Connection.Number("SELECT count(*) FROM unlearn_jobs.jobqueue");
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_at_the_moment_is_tried_again()
    {
        using var chaos = new ClusterCase(server.NewDatabase(), 4, new ExactRetraining());
        var store = new Flaky(new BlobFolder(chaos.Blobs));
        await using var worker = new InProcessWorker(chaos.Database, store);
        Assert.Equal(4, (await chaos.RunAsync(cancellationToken: TestToken)).Results.Count);
        Assert.True(store.Reads > 1);
    }

    [Fact]
    public async Task Two_coordinators_on_one_plan_share_its_trials()
    {
        using var chaos = new ClusterCase(server.NewDatabase(), 20, new Sleeping { Milliseconds = 50 });
        await using var one = InProcessWorker.OfSleeping(chaos);
        await using var other = InProcessWorker.OfSleeping(chaos);
        var runs = await Task.WhenAll(chaos.RunAsync(cancellationToken: TestToken), chaos.RunAsync(cancellationToken: TestToken));
        Assert.All(runs, run => Assert.Equal(20, run.Results.Count));
        Assert.Equal(ClusterCase.Bits(runs[0]), ClusterCase.Bits(runs[1]));
        Assert.Equal(20, Ended(chaos));
    }

    [Fact]
    public async Task A_canceled_run_keeps_what_is_finished_and_the_next_one_goes_on_from_there()
    {
        const int Trials = 80;
        using var chaos = new ClusterCase(server.NewDatabase(), Trials, new Sleeping { Milliseconds = 100 });
        await using var worker = InProcessWorker.OfSleeping(chaos);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var running = chaos.RunAsync(cancellationToken: cancellation.Token);
        await UntilAsync(() => Ended(chaos) > 4, running);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Task.Delay(TimeSpan.FromSeconds(2.5), TestToken);
        var ended = Ended(chaos);
        Assert.InRange(ended, 5, Trials - 1); // its jobs are gone
        Assert.Equal(Trials, (await chaos.RunAsync(cancellationToken: TestToken)).Results.Count);
        Assert.InRange(Ended(chaos), Trials, Trials + 1);
    }

    /// <summary>The first read fails.</summary>
    private sealed class Flaky(IBlobStore store) : IBlobStore
    {
        private int _reads;

        public int Reads => _reads;

        public bool Contains(string hash) => store.Contains(hash);

        public void Put(string hash, Stream content) => store.Put(hash, content);

        public Stream Open(string hash) => Interlocked.Increment(ref _reads) == 1 ? throw new IOException("The network is away.") : store.Open(hash);
    }
}
