using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Unlearners;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>
/// From outcomes to scores. An exact unlearner's score is the displacement of the row: p_y before minus p_y after, averaged over the trials that
/// forgot it. An approximate one's is its gap to retraining, |p_y after − p̄_R|, where p̄_R averages over the exact retrainings that never saw the row.
/// A half of the trials meets only its own half of the retrainings.
/// </summary>
public static class HardnessScorer
{
    /// <summary>Scores all rows.</summary>
    /// <param name="rowIds">Ids of the rows, which gives their order.</param>
    /// <param name="runs">Per unlearner: its trials and their results, in the same order.</param>
    /// <exception cref="InvalidOperationException">
    /// A row was never forgotten in one half of the trials, or there is an approximate unlearner but no <see cref="ExactRetraining"/>.
    /// </exception>
    public static IReadOnlyList<HardnessScores> Score(IReadOnlyList<string> rowIds, IReadOnlyList<(IUnlearner Unlearner, TrialPlan Plan, IReadOnlyList<TrialResult> Results)> runs)
    {
        ArgumentNullException.ThrowIfNull(rowIds);
        ArgumentNullException.ThrowIfNull(runs);
        var positions = rowIds.Select((id, position) => (id, position)).ToDictionary(row => row.id, row => row.position, StringComparer.Ordinal);
        var pool = runs.Where(run => run.Unlearner is ExactRetraining).ToList();
        return [.. runs.Select(run => new HardnessScores(run.Unlearner.Name, Scores(run, null), [Scores(run, 0), Scores(run, 1)]))];

        double[] Scores((IUnlearner Unlearner, TrialPlan Plan, IReadOnlyList<TrialResult> Results) run, int? half)
        {
            if (run.Unlearner.IsExact)
                return Mean(run, half, (_, outcome) => outcome.ConfidenceBefore - outcome.ConfidenceAfter);
            if (pool.Count == 0)
                throw new InvalidOperationException($"The score of {run.Unlearner.Name} is its gap to retraining: add {nameof(ExactRetraining)} to the unlearners.");
            var retrained = Mean(pool[0], half, (_, outcome) => outcome.ConfidenceAfter);
            return Mean(run, half, (row, outcome) => Math.Abs(outcome.ConfidenceAfter - retrained[row]));
        }

        double[] Mean((IUnlearner Unlearner, TrialPlan Plan, IReadOnlyList<TrialResult> Results) run, int? half, Func<int, RowOutcome, double> value)
        {
            var sums = new double[rowIds.Count];
            var counts = new int[rowIds.Count];
            for (var trial = 0; trial < run.Results.Count; trial++)
            {
                if (half is not null && run.Plan.Trials[trial].Half != half)
                    continue;
                foreach (var outcome in run.Results[trial].Outcomes)
                {
                    var row = positions[outcome.RowId];
                    sums[row] += value(row, outcome);
                    counts[row]++;
                }
            }
            var missed = Array.IndexOf(counts, 0);
            if (missed >= 0)
                throw new InvalidOperationException($"No trial of {run.Unlearner.Name}{(half is null ? "" : $" in half {half}")} forgot row '{rowIds[missed]}': plan more trials or larger forget sets.");
            return [.. sums.Select((sum, row) => sum / counts[row])];
        }
    }
}
