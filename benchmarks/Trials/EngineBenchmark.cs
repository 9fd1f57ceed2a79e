using Unlearn.MLNet;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Trials.Running;

namespace Unlearn.Benchmarks.Trials;

/// <summary>
/// What the engine itself takes: planning, claiming, keeping results in a ledger and reading them again. Some trials are really run, without the
/// engine; then the engine runs many that give results of the same size at once. Comparing two real runs would need them to be equal within a
/// thousandth.
/// </summary>
internal static class EngineBenchmark
{
    private const int CnnEpochs = 12; // a recipe's default
    private const int GroupTrials = 500;

    /// <summary>Measures trials that retrain without 30 % of the rows, and single rows that are unlearned in stacks.</summary>
    public static IReadOnlyList<EngineFigures> Run(string[] recipes, int repeats)
    {
        List<EngineFigures> figures = [];
        foreach (var name in recipes)
        {
            using var recipe = BenchmarkRecipe.Create(name, CnnEpochs);
            figures.Add(Measure($"{name}: EU without 300 of {recipe.Rows.Count} rows", repeats, recipe.Subject, new ExactRetraining(), count =>
                TrialPlanner.Plan("EU", new TrialContext("engine"), recipe.Rows.Ids, count, 0.3, seed: 1), GroupTrials));
        }
        using var rows = new SingleRows();
        foreach (var unlearner in new IUnlearner[] { SingleRows.NegGradPlus, new GradientAscent() })
            figures.Add(Measure($"cnn: {unlearner.Name} of single rows, stacked", repeats, rows.Subject, unlearner, _ =>
                TrialPlanner.PlanSingleRows(unlearner.Name, new TrialContext("engine"), rows.Rows.Ids, 1, seed: 1), 2 * rows.Rows.Count));
        return figures;
    }

    private static EngineFigures Measure(string name, int repeats, TrialSubject subject, IUnlearner unlearner, Func<int, TrialPlan> plan, int count)
    {
        var procedure = new UnlearningTrials(subject, unlearner);
        TrialSpec[] batch = [.. plan(count).Trials.Where(trial => trial.Half == 0).Take(procedure.BatchSize(unlearner.Name))];
        var (trial, engine, share) = (new Sample(), new Sample(), new Sample());
        for (var repeat = -BenchmarkRecipe.WarmUps; repeat < repeats; repeat++)
        {
            TrialResult? result = null;
            var trialSeconds = 0.0;
            BenchmarkRecipe.OnOwnThread(
                () => trialSeconds = Clock.Seconds(() => result = procedure.Run(batch, CancellationToken.None)[0].Result!) / batch.Length);
            var results = plan(count).Trials.ToDictionary(trial => trial.Id, trial => Like(result!, trial), StringComparer.Ordinal);
            var engineSeconds = Clock.Seconds(() => Replay(plan(count), procedure, results)) / count;
            if (repeat < 0)
                continue;
            trial.Add(1000 * trialSeconds);
            engine.Add(1000 * engineSeconds);
            share.Add(engineSeconds / (engineSeconds + trialSeconds));
        }
        return new(name, trial.Median, engine.Median, share.Median, share.Low, share.High);
    }

    private static void Replay(TrialPlan plan, ITrialProcedure real, Dictionary<string, TrialResult> results)
    {
        using var ledger = new TemporaryLedger();
        new TrialRunner(ledger.Ledger, new InProcessTrialExecutor(1), TimeProvider.System)
            .RunAsync([plan], new Replayed(real, results), progress: null, CancellationToken.None)
            .GetAwaiter()
            .GetResult();
    }

    private static TrialResult Like(TrialResult result, TrialSpec trial) =>
        result with { TrialId = trial.Id, Outcomes = [.. result.Outcomes.Zip(trial.ForgetIds, (outcome, id) => outcome with { RowId = id })] };

    /// <summary>Gives results at once.</summary>
    private sealed class Replayed(ITrialProcedure real, Dictionary<string, TrialResult> results) : ITrialProcedure
    {
        public int BatchSize(string unlearner) => real.BatchSize(unlearner);

        public IReadOnlyList<TrialAttempt> Run(IReadOnlyList<TrialSpec> trials, CancellationToken cancellationToken) =>
            [.. trials.Select(trial => TrialAttempt.Success(results[trial.Id]))];
    }
}
