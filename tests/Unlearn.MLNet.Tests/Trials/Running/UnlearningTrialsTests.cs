using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Trials.Running;

/// <summary>Trials in batches.</summary>
public sealed class UnlearningTrialsTests : IDisposable
{
    private const int Stack = 4;
    private static readonly IUnlearner[] Unlearners =
    [
        new ExactRetraining(),
        new GradientAscent(),
        new NegGradPlus { MaximumSteps = 3 },
        new FineTuning { Epochs = 1 },
        new Sisa { Shards = 2 },
        new RandomLabels { Epochs = 1 },
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly TorchRecipe _recipe = TinyStudy.Recipe with { Epochs = 2, Stack = Stack };
    private readonly TrainingRows _rows = TinyStudy.Rows(48);
    private readonly TorchTarget _target;
    private readonly UnlearningTrials _trials;
    private readonly TrialPlan[] _plans;

    public UnlearningTrialsTests()
    {
        _target = _recipe.Train(_rows, Enumerable.Range(0, _rows.Count).ToArray(), seed: 3);
        _trials = new(new TrialSubject(_target, _recipe, _rows, testRows: null, new ManualTime()), Unlearners);
        _plans = [.. Unlearners.Select(unlearner => Plan(unlearner, 13))];
    }

    public void Dispose()
    {
        _target.Dispose();
        _rows.Dispose();
        _folder.Dispose();
    }

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public void Unlearners_that_gain_run_in_stacks()
    {
        Assert.Equal([Stack, Stack, Stack, Stack, Stack, 1], Unlearners.Select(unlearner => _trials.BatchSize(unlearner.Name)));
        Assert.Contains("SCRUB", Assert.Throws<ArgumentException>(() => _trials.BatchSize("SCRUB")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trials_result_depends_neither_on_the_workers_nor_on_the_other_trials_of_its_batch()
    {
        var one = await RunAsync("one.db", workers: 1, _plans);
        var three = await RunAsync("three.db", workers: 3, _plans);
        Assert.Equal(Bits(one), Bits(three));

        var alone = _plans.SelectMany(plan => plan.Trials).SelectMany(trial => _trials.Run([trial], TestToken)).Select(attempt => attempt.Result!);
        Assert.Equal(Bits(one), Bits(alone));
    }

    [Fact]
    public async Task A_larger_plan_keeps_the_results_of_a_smaller_one()
    {
        var small = await RunAsync("small.db", workers: 2, [Plan(new GradientAscent(), 6)]);
        var large = await RunAsync("large.db", workers: 2, [Plan(new GradientAscent(), 30)]);
        Assert.Equal(Bits(small), Bits(large.Results.Take(6)));
        var extended = await RunAsync("small.db", workers: 2, [Plan(new GradientAscent(), 30)]);
        Assert.Equal(Bits(large), Bits(extended));
    }

    [Fact]
    public async Task A_batch_that_is_partly_done_runs_only_what_is_left()
    {
        var plan = Plan(new GradientAscent(), 20);
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        ledger.Register(plan, allowOthers: false);
        var done = plan.Trials.Where(trial => trial.Index % 3 == 0).ToList();
        foreach (var trial in done)
            ledger.Add(trial, TestTrials.Result(trial));
        var recorder = new Recorder(_trials);
        await new TrialRunner(ledger, new InProcessTrialExecutor(2), TimeProvider.System).RunAsync([plan], recorder, progress: null, TestToken);
        Assert.Equal(plan.Trials.Except(done).Select(trial => trial.Id).Order(), recorder.Ran.Select(trial => trial.Id).Order());
        Assert.All(recorder.Batches, batch => Assert.Single(batch.Select(trial => (trial.Half, trial.Index / Stack)).Distinct()));
    }

    [Fact]
    public async Task A_trial_that_fails_in_a_batch_fails_alone_and_one_that_may_pass_is_tried_again_alone()
    {
        var plan = Plan(new GradientAscent(), 8);
        using var ledger = new SqliteTrialLedger(_folder.File("ledger.db"));
        var recorder = new Recorder(_trials) { Bad = plan.Trials[2], BadOnce = plan.Trials[4] };
        var run = await new TrialRunner(ledger, new InProcessTrialExecutor(1), TimeProvider.System, new() { RetryDelay = TimeSpan.Zero }).RunAsync(
            [plan], recorder, progress: null, TestToken);
        Assert.Equal(plan.Trials[2].Id, Assert.Single(run.Failures).TrialId);
        Assert.Equal(7, run.Results.Count);
        Assert.Equal([plan.Trials[4].Id], recorder.Batches.Single(batch => batch.Count == 1).Select(trial => trial.Id));
    }

    private TrialPlan Plan(IUnlearner unlearner, int trials) =>
        TrialPlanner.Plan(unlearner.Name, TrialContext.Of(unlearner, _recipe, 3, _rows, null), _rows.Ids, trials, 0.05, seed: 1);

    private async Task<TrialRun> RunAsync(string file, int workers, IReadOnlyList<TrialPlan> plans)
    {
        using var ledger = new SqliteTrialLedger(_folder.File(file));
        return await new TrialRunner(ledger, new InProcessTrialExecutor(workers), TimeProvider.System).RunAsync(plans, _trials, progress: null, TestToken);
    }

    private static string[] Bits(TrialRun run) => Bits(run.Results);

    private static string[] Bits(IEnumerable<TrialResult> results) => [.. results.SelectMany(result => TestTrials.Bits(result with { CpuSeconds = null }))];

    private sealed class Recorder(ITrialProcedure procedure) : ITrialProcedure
    {
        private readonly Lock _gate = new();

        public List<IReadOnlyList<TrialSpec>> Batches { get; } = [];

        public IEnumerable<TrialSpec> Ran => Batches.SelectMany(batch => batch);

        public TrialSpec? Bad { get; init; }

        public TrialSpec? BadOnce { get; init; }

        public int BatchSize(string unlearner) => procedure.BatchSize(unlearner);

        public IReadOnlyList<TrialAttempt> Run(IReadOnlyList<TrialSpec> trials, CancellationToken cancellationToken)
        {
            bool isFirst;
            lock (_gate)
            {
                isFirst = !Ran.Contains(BadOnce);
                Batches.Add(trials);
            }
            return [.. trials.Zip(procedure.Run(trials, cancellationToken), (trial, attempt) =>
                trial == Bad ? TrialAttempt.Failure(new InvalidDataException("bad"))
                : trial == BadOnce && isFirst ? TrialAttempt.Failure(new IOException("busy"))
                : attempt)];
        }
    }
}
