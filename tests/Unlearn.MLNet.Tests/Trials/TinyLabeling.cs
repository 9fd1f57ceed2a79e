using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Ledger;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Tests.Trials;

/// <summary>Real trials of a tiny network, a few milliseconds each; the seconds, which no two runs share, are left out of the results.</summary>
internal sealed class TinyLabeling : IDisposable
{
    private static readonly IUnlearner[] Unlearners = [new ExactRetraining(), new FineTuning { Epochs = 2 }];

    private readonly TrainingRows _rows = Rows(48);
    private readonly TorchTarget _target;
    private readonly TrialSubject _subject;

    public TinyLabeling(int trials, int epochs = 2, int stack = 1)
    {
        var recipe = TinyStudy.Recipe with { Epochs = epochs, Stack = stack };
        _target = (recipe with { Epochs = 2 }).Train(_rows, Enumerable.Range(0, _rows.Count).ToArray(), seed: 3);
        _subject = new TrialSubject(_target, recipe, _rows, testRows: null, TimeProvider.System);
        Plans = [.. Unlearners.Select(unlearner =>
            TrialPlanner.Plan(unlearner.Name, TrialContext.Of(unlearner, recipe, 3, _rows, null), _rows.Ids, trials / Unlearners.Length, 0.25, seed: 1))];
    }

    public TrialPlan[] Plans { get; }

    public IEnumerable<string> TrialIds => Plans.SelectMany(plan => plan.Trials).Select(trial => trial.Id);

    /// <param name="ledgerPath">File of the ledger.</param>
    /// <param name="workers">Trials at once.</param>
    /// <param name="begin">Told of the trials of each batch before they run.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    public async Task<TrialRun> RunAsync(
        string ledgerPath,
        int workers,
        Action<IReadOnlyList<TrialSpec>>? begin = null,
        IProgress<TrialProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        using var ledger = new SqliteTrialLedger(ledgerPath);
        return await new TrialRunner(ledger, new InProcessTrialExecutor(workers), TimeProvider.System).RunAsync(
            Plans, new Announced(new UnlearningTrials(_subject, Unlearners), begin), progress, cancellationToken);
    }

    private sealed class Announced(ITrialProcedure procedure, Action<IReadOnlyList<TrialSpec>>? begin) : ITrialProcedure
    {
        public int BatchSize(string unlearner) => procedure.BatchSize(unlearner);

        public IReadOnlyList<TrialAttempt> Run(IReadOnlyList<TrialSpec> trials, CancellationToken cancellationToken)
        {
            begin?.Invoke(trials);
            return [.. procedure.Run(trials, cancellationToken).Select(attempt => attempt.Result is { } result
                ? TrialAttempt.Success(result with { Seconds = 0, CpuSeconds = null })
                : attempt)];
        }
    }

    // Not from a data view: loading ML.NET would take a process longer than all else.
    private static TrainingRows Rows(int count)
    {
        var random = new Random(1);
        var recipe = TinyStudy.Recipe.Architecture;
        float[] features = [.. Enumerable.Range(0, count * recipe.FeatureCount).Select(_ => random.NextSingle())];
        return new(TestTrials.Ids(count), features, recipe.FeatureCount, [.. Enumerable.Range(0, count).Select(row => (long)(row % recipe.ClassCount))],
            recipe.ClassCount);
    }

    public void Dispose()
    {
        _target.Dispose();
        _rows.Dispose();
    }
}
