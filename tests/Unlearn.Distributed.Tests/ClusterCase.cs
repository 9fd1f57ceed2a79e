using Unlearn.MLNet;
using Unlearn.MLNet.Tests;
using Unlearn.MLNet.Tests.Trials;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;

namespace Unlearn.Distributed.Tests;

/// <summary>Trials of a tiny network, here or by workers; the seconds, which no two runs share, are left out of what is compared.</summary>
internal sealed class ClusterCase : IDisposable
{
    private const int TargetSeed = 3;

    private readonly TemporaryFolder _folder = new();
    private readonly TrainingRows _rows = TinyStudy.Rows(60);
    private readonly TrainingRows _test = TinyStudy.Rows(20, seed: 2);
    private readonly TorchTarget _target;
    private readonly TrialSubject _subject;
    private readonly IUnlearner[] _unlearners;
    private readonly TorchRecipe _recipe;

    /// <param name="database">Connection string.</param>
    /// <param name="trials">Trials of each unlearner.</param>
    /// <param name="unlearners">The unlearners.</param>
    public ClusterCase(string database, int trials, params IUnlearner[] unlearners)
    {
        Database = database;
        _unlearners = unlearners;
        _recipe = TinyStudy.Recipe with { Stack = unlearners.Any(unlearner => unlearner is IBatchUnlearner) ? 4 : 1 };
        int[] all = [.. Enumerable.Range(0, _rows.Count)];
        (_target, _subject) = Unlearn.Transforms.Runtime.TorchThreads.RunAsync("test", () =>
        {
            var target = _recipe.Train(_rows, all, TargetSeed);
            return (target, new TrialSubject(target, _recipe, _rows, _test, TimeProvider.System));
        }).GetAwaiter().GetResult();
        Plans = [.. unlearners.Select(unlearner => new UnlearnerPlan { Unlearner = unlearner, Trials = trials }
            .ToTrials(TrialContext.Of(unlearner, _recipe, TargetSeed, _rows, _test), _rows.Ids, seed: 1))];
        Cluster = NewCluster(database);
    }

    public string Database { get; }

    public TrialPlan[] Plans { get; }

    public PostgresCluster Cluster { get; set; }

    public string Blobs => _folder.File("blobs");

    public string Diary => _folder.File("diary");

    public int Total => Plans.Sum(plan => plan.Trials.Count);

    public PostgresCluster NewCluster(string database, string? blobs = null, double patienceSeconds = 60) => new(database, new BlobFolder(blobs ?? Blobs))
    {
        PollInterval = TimeSpan.FromSeconds(0.1),
        LostJobTimeout = TimeSpan.FromSeconds(5),
        Patience = TimeSpan.FromSeconds(patienceSeconds),
        WorkerTimeout = TimeSpan.FromSeconds(60),
    };

    public WorkerProcess StartWorker(double timeoutSeconds = 3, IReadOnlyDictionary<string, string>? environment = null) =>
        new(Database, Blobs, Diary, timeoutSeconds, environment: environment);

    public TrialSetting Setting(ITrainingRecipe? recipe = null) => new()
    {
        Recipe = recipe ?? _recipe,
        Target = _target,
        TargetSeed = TargetSeed,
        Rows = _rows,
        TestRows = _test,
        Unlearners = _unlearners,
        TargetLogitConfidences = _subject.TargetLogitConfidences,
    };

    /// <summary>Has workers run the trials.</summary>
    public async Task<TrialRun> RunAsync(
        IProgress<TrialProgress>? progress = null, TrialSetting? setting = null, CancellationToken cancellationToken = default)
    {
        using var ledger = Cluster.OpenLedger("", cancellationToken);
        var options = new TrialRunnerOptions();
        var executor = Cluster.Executor(ledger, setting ?? Setting(), Plans, options);
        return await new TrialRunner(ledger, executor, TimeProvider.System, options)
            .RunAsync(Plans, new UnlearningTrials(_subject, _unlearners), progress, cancellationToken);
    }

    /// <summary>Runs the trials here.</summary>
    public async Task<TrialRun> RunHereAsync(int workers = 1)
    {
        using var ledger = new SqliteTrialLedger(_folder.File($"here{workers}.db"));
        return await new TrialRunner(ledger, new InProcessTrialExecutor(workers), TimeProvider.System)
            .RunAsync(Plans, new UnlearningTrials(_subject, _unlearners), progress: null, CancellationToken.None);
    }

    /// <summary>Results bit for bit, but for the clock's.</summary>
    public static IReadOnlyList<string> Bits(TrialRun run) => [.. run.Results.SelectMany(result => TestTrials.Bits(result with
    {
        Seconds = 0,
        CpuSeconds = null,
        PreparationSeconds = null,
    }))];

    /// <summary>What processes wrote down: the word, the trial's seed, the process.</summary>
    public IReadOnlyList<(string What, string Seed, int Process)> Notes() =>
        [.. Directory.GetFiles(Path.GetDirectoryName(Diary)!, $"{Path.GetFileName(Diary)}.*")
            .SelectMany(ReadLines).Select(line => line.Split(' ')).Where(parts => parts.Length == 3)
            .Select(parts => (parts[0], parts[1], int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture)))];

    // A worker may be writing.
    private static List<string> ReadLines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. reader.ReadToEnd().Split('\n')];
    }

    public void Dispose()
    {
        _target.Dispose();
        _rows.Dispose();
        _test.Dispose();
        _folder.Dispose();
    }
}
