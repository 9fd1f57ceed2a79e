using System.Diagnostics;
using System.Security.Cryptography;
using Unlearn.Distributed;
using Unlearn.Examples.DistributedTrials;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Benchmarks.Distributed;

/// <summary>
/// Trials by worker processes of this machine and a PostgreSQL server of its own: trials that sleep, which show the engine's own scaling, and real ones.
/// Time counts from the first job to the last result; the workers were warmed up before.
/// </summary>
internal static class DistributedBenchmark
{
    /// <summary>The verb of a worker's process.</summary>
    public const string WorkerVerb = "distributed-worker";

    private const string Connection = "UNLEARN_CONNECTION";
    private const string Blobs = "UNLEARN_BLOBS";
    private const int Rows = 1000;
    private const int Features = 20;
    private const int Classes = 3;

    /// <summary>Is a worker until its process is killed.</summary>
    public static async Task<int> WorkAsync(CancellationToken cancellationToken)
    {
        KnownUnlearners.Register(new Sleeping());
        await DistributedWorker.RunAsync(
            new()
            {
                ConnectionString = Environment.GetEnvironmentVariable(Connection)!,
                Blobs = new BlobFolder(Environment.GetEnvironmentVariable(Blobs)!),
                Workers = 1,
            },
            cancellationToken);
        return 0;
    }

    /// <summary>Measures and prints.</summary>
    /// <param name="workers">Numbers of workers.</param>
    /// <param name="trials">Trials of each run.</param>
    public static async Task<int> RunAsync(int[] workers, int trials)
    {
        using var server = new TemporaryPostgres(RandomNumberGenerator.GetHexString(16), "shared_preload_libraries=pg_stat_statements");
        using var rows = MakeRows();
        var sleeping = await MeasureAsync(server, rows, new Sleeping(), new(TorchArchitecture.Mlp(Features, Classes, 16)) { Epochs = 2 }, workers, trials);
        int[] few = [.. workers.Where(count => count <= 2)];
        var real = await MeasureAsync(server, rows, new ExactRetraining(), new(TorchArchitecture.Mlp(Features, Classes, 256)) { Epochs = 60 }, few, trials);
        Console.WriteLine("| trials | workers | s | trials a minute | times one worker | ms a trial and worker over one process |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var line in sleeping.Concat(real))
            Console.WriteLine(line);
        return 0;
    }

    private static async Task<List<string>> MeasureAsync(
        TemporaryPostgres server, TrainingRows rows, IUnlearner unlearner, TorchRecipe recipe, int[] workers, int trials)
    {
        recipe = recipe with { Device = TorchDevice.Cpu };
        int[] all = [.. Enumerable.Range(0, rows.Count)];
        var (target, subject) = await TorchThreads.RunAsync("benchmark", () =>
        {
            var trained = recipe.Train(rows, all, seed: 1);
            return (trained, new TrialSubject(trained, recipe, rows, testRows: null, TimeProvider.System));
        });
        using var owned = target;
        var setting = new TrialSetting
        {
            Recipe = recipe,
            Target = target,
            TargetSeed = 1,
            Rows = rows,
            TestRows = null,
            Unlearners = [unlearner],
            TargetLogitConfidences = subject.TargetLogitConfidences,
        };
        TrialPlan Plan(int count, long seed) =>
            new UnlearnerPlan { Unlearner = unlearner, Trials = count }.ToTrials(TrialContext.Of(unlearner, recipe, 1, rows, null), rows.Ids, seed);

        using var here = new Trials.TemporaryLedger();
        var oneProcess = await SecondsAsync(here.Ledger, new InProcessTrialExecutor(1), Plan(trials / 4, 1)) / (trials / 4);
        var twoThreads = await SecondsAsync(here.Ledger, new InProcessTrialExecutor(2), Plan(trials / 2, 4)) / (trials / 2);
        Console.WriteLine(Invariant($"{unlearner.Name}: two threads of one process are {oneProcess / twoThreads:0.00} times one, without database and jobs."));
        List<string> lines = [];
        var oneWorker = double.NaN;
        foreach (var count in workers)
        {
            var blobs = Directory.CreateTempSubdirectory("unlearn-blobs-");
            var cluster = new PostgresCluster(server.ConnectionString("postgres"), new BlobFolder(blobs.FullName))
            {
                Ledger = Invariant($"{unlearner.Name.ToLowerInvariant()}_{count}"),
                PollInterval = TimeSpan.FromSeconds(0.1),
            };
            var processes = Enumerable.Range(0, count).Select(_ => Start(server, blobs)).ToList();
            try
            {
                using var ledger = cluster.OpenLedger("", CancellationToken.None);
                await RunAsync(Plan(8 * count, seed: 2));
                using var costs = new DatabaseCosts(server.ConnectionString("postgres"));
                var seconds = await RunAsync(Plan(trials, seed: 3));
                costs.Print($"{unlearner.Name}, {count} workers", cluster.Ledger, trials);
                oneWorker = count == 1 ? seconds : oneWorker;
                lines.Add(Invariant($"| {unlearner.Name}, {1000 * oneProcess:0} ms | {count} | {seconds:0.0} | {60 * trials / seconds:0} | ")
                    + Invariant($"{oneWorker / seconds:0.00} | {1000 * (seconds * count / trials - oneProcess):0.0} |"));

                Task<double> RunAsync(TrialPlan plan) => SecondsAsync(ledger, cluster.Executor(ledger, setting, [plan], new()), plan);
            }
            finally
            {
                processes.ForEach(Stop);
                blobs.Delete(recursive: true);
            }
        }
        return lines;

        async Task<double> SecondsAsync(ITrialLedger ledger, ITrialExecutor executor, TrialPlan plan)
        {
            var start = TimeProvider.System.GetTimestamp();
            var run = await new TrialRunner(ledger, executor, TimeProvider.System, new() { AllowOtherPlans = true })
                .RunAsync([plan], new UnlearningTrials(subject, unlearner), progress: null, CancellationToken.None);
            if (run.Results.Count != plan.Trials.Count)
                throw new InvalidOperationException($"{run.Failures.Count} trials failed.");
            return TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        }
    }

    /// <summary>Starts a worker's process.</summary>
    public static Process Start(TemporaryPostgres server, DirectoryInfo blobs)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [WorkerVerb]);
        start.Environment[Connection] = server.ConnectionString("postgres");
        start.Environment[Blobs] = blobs.FullName;
        return Process.Start(start)!;
    }

    /// <summary>Kills a worker's process.</summary>
    public static void Stop(Process worker)
    {
        worker.Kill();
        worker.Dispose();
    }

    private static TrainingRows MakeRows()
    {
        var random = new SeededRandom(1);
        float[] features = [.. Enumerable.Range(0, Rows * Features).Select(_ => (float)random.NextDouble())];
        return new([.. Enumerable.Range(0, Rows).Select(row => Invariant($"{row}"))], features, Features,
            [.. Enumerable.Range(0, Rows).Select(row => (long)(row % Classes))], Classes);
    }
}
