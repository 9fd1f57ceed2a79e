using Unlearn.MLNet.Trials;

namespace Unlearn.Benchmarks.Trials;

/// <summary>What the engine itself takes: planning, claiming, keeping results in a ledger and reading them again.</summary>
internal static class EngineBenchmark
{
    private const int Trials = 500;

    /// <summary>Seconds of a trial of 200 out of 2,000 rows that does nothing.</summary>
    public static double SecondsPerTrial()
    {
        var folder = Directory.CreateTempSubdirectory("unlearn-benchmark-");
        try
        {
            return Clock.Seconds(() =>
            {
                string[] ids = [.. Enumerable.Range(0, 2000).Select(row => $"{row}")];
                var plan = TrialPlanner.Plan("nothing", new TrialContext("nothing"), ids, Trials, 0.1, seed: 1);
                using var ledger = new SqliteTrialLedger(Path.Combine(folder.FullName, "trials.db"));
                new TrialRunner(ledger, new InProcessTrialExecutor(1), TimeProvider.System).RunAsync([plan], (trial, _) => Nothing(trial), progress: null, CancellationToken.None).GetAwaiter().GetResult();
            }) / Trials;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static TrialResult Nothing(TrialSpec trial) => new(trial.Id, [.. trial.ForgetIds.Select(id => new RowOutcome(id, 0.5, 0.25))], 1, null, 0);
}
