using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Unlearners;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>
/// From outcomes to scores. An exact unlearner's score is the displacement of the row: p_y before minus p_y after, averaged over the trials that
/// forgot it. An approximate one's is its gap to retraining, |p_y after − p̄_R|, where p̄_R averages over the exact retrainings that never saw the row.
/// A half of the trials meets only its own half of the retrainings. Failed trials are left out.
/// </summary>
internal static class HardnessScorer
{
    /// <summary>Scores all rows.</summary>
    /// <param name="rowIds">Ids of the rows, which gives their order.</param>
    /// <param name="runs">For each unlearner, its trials and their results.</param>
    /// <exception cref="ArgumentException">There is no unlearner, two have the same name, or an approximate one has no retrain pool.</exception>
    /// <exception cref="InvalidOperationException">A row has no outcome in one half of the trials, since none forgets it or all that do failed.</exception>
    public static IReadOnlyList<HardnessScores> Score(IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs)
    {
        ArgumentNullException.ThrowIfNull(rowIds);
        ArgumentNullException.ThrowIfNull(runs);
        UnlearnerSet.Check([.. runs.Select(run => run.Unlearner)]);
        int?[] halves = [null, 0, 1];
        var scores = halves.Select(half => Scores(rowIds, runs, half)).ToList();
        return [.. runs.Select((run, i) => new HardnessScores { Unlearner = run.Unlearner.Name, All = scores[0][i].Scores, Halves = [scores[1][i].Scores, scores[2][i].Scores], FewestTrials = Math.Min(scores[1][i].Fewest, scores[2][i].Fewest) })];
    }

    /// <summary>The outcome that an unlearner's score is.</summary>
    /// <param name="unlearner">The unlearner.</param>
    public static Outcome ScoreOf(IUnlearner unlearner)
    {
        ArgumentNullException.ThrowIfNull(unlearner);
        return unlearner.IsExact ? Outcome.Displacement : Outcome.RetrainGap;
    }

    private static List<(IReadOnlyList<double> Scores, int Fewest)> Scores(IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs, int? half)
    {
        var maker = UnlearnerSet.RetrainPoolOf(runs.Select(run => run.Unlearner));
        var pool = runs.FirstOrDefault(run => run.Unlearner == maker);
        List<(IReadOnlyList<double> Scores, int Fewest)> scores = [];
        foreach (var (run, table) in runs.Zip(OutcomeTable.Of(rowIds, runs, half)))
        {
            for (var row = 0; row < rowIds.Count; row++)
            {
                if (!run.Unlearner.IsExact && table.PoolCount(row) == 0)
                    throw new InvalidOperationException(Missing(pool!.Plan, pool.Run, half, rowIds[row]));
                if (table.Coverage[row] == 0)
                    throw new InvalidOperationException(Missing(run.Plan, run.Run, half, rowIds[row]));
            }
            scores.Add((table.Column(ScoreOf(run.Unlearner)).Means, table.Coverage.Min()));
        }
        return scores;
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
