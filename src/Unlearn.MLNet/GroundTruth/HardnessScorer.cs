using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Unlearners;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>
/// From outcomes to scores. An exact unlearner's score is the displacement of the row: p_y before minus p_y after, averaged over the trials that
/// forgot it. An approximate one's is its gap to retraining, |p_y after − p̄_R|, where p̄_R averages over the exact retrainings that never saw the row.
/// A half of the trials meets only its own half of the retrainings. Failed trials are left out.
/// </summary>
public static class HardnessScorer
{
    /// <summary>Scores all rows.</summary>
    /// <param name="rowIds">Ids of the rows, which gives their order.</param>
    /// <param name="runs">Per unlearner: its trials, and what came of them.</param>
    /// <exception cref="InvalidOperationException">
    /// A row has no outcome in one half of the trials, since none forgets it or all that do failed; or there is an approximate unlearner but no <see cref="ExactRetraining"/>.
    /// </exception>
    public static IReadOnlyList<HardnessScores> Score(IReadOnlyList<string> rowIds, IReadOnlyList<(IUnlearner Unlearner, TrialPlan Plan, TrialRun Run)> runs)
    {
        ArgumentNullException.ThrowIfNull(rowIds);
        ArgumentNullException.ThrowIfNull(runs);
        var positions = rowIds.Select((id, position) => (id, position)).ToDictionary(row => row.id, row => row.position, StringComparer.Ordinal);
        var pool = runs.Where(run => run.Unlearner is ExactRetraining).ToList();
        return [.. runs.Select(run => new HardnessScores(run.Unlearner.Name, Scores(run, null), [Scores(run, 0), Scores(run, 1)]))];

        double[] Scores((IUnlearner Unlearner, TrialPlan Plan, TrialRun Run) run, int? half)
        {
            if (run.Unlearner.IsExact)
                return Mean(run, half, (_, outcome) => outcome.ConfidenceBefore - outcome.ConfidenceAfter);
            if (pool.Count == 0)
                throw new InvalidOperationException($"The score of {run.Unlearner.Name} is its gap to retraining: add {nameof(ExactRetraining)} to the unlearners.");
            var retrained = Mean(pool[0], half, (_, outcome) => outcome.ConfidenceAfter);
            return Mean(run, half, (row, outcome) => Math.Abs(outcome.ConfidenceAfter - retrained[row]));
        }

        double[] Mean((IUnlearner Unlearner, TrialPlan Plan, TrialRun Run) run, int? half, Func<int, RowOutcome, double> value)
        {
            var sums = new double[rowIds.Count];
            var counts = new int[rowIds.Count];
            var results = run.Run.Results.ToDictionary(result => result.TrialId, StringComparer.Ordinal);
            foreach (var trial in run.Plan.Trials)
            {
                if (half is not null && trial.Half != half || !results.TryGetValue(trial.Id, out var result))
                    continue;
                foreach (var outcome in result.Outcomes)
                {
                    var row = positions[outcome.RowId];
                    sums[row] += value(row, outcome);
                    counts[row]++;
                }
            }
            var missed = Array.IndexOf(counts, 0);
            if (missed >= 0)
                throw new InvalidOperationException(Missing(run.Plan, run.Run, half, rowIds[missed]));
            return [.. sums.Select((sum, row) => sum / counts[row])];
        }
    }
    private static string Missing(TrialPlan plan, TrialRun run, int? half, string rowId)
    {
        var failures = run.Of(plan).Failures;
        return $"No trial of {plan.Unlearner}{(half is null ? "" : $" in half {half}")} has an outcome of row '{rowId}'. "
            + (failures.Count == 0
                ? "Plan more trials or larger forget sets."
                : $"{TrialFailure.Summary(failures, plan.Trials.Count)} Remove the cause and run again, with the option to retry failed trials, or plan more trials.");
    }
}
