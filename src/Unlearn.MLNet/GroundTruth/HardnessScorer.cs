using Unlearn.MLNet.Statistics;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>
/// From outcomes to scores. An exact unlearner's score is the displacement of the row: p_y before minus p_y after, averaged over the trials that
/// forgot it; the displacement of its own shard where a trial measures that. An approximate one's is the row's residual memory, against the exact
/// retrainings that never saw it. A half of the trials meets only its own half of the retrainings. Failed trials are left out.
/// </summary>
internal static class HardnessScorer
{
    private const double SmallestDisplacement = OutcomeFormulas.DeviationFloor;
    private const double ToleranceQuantile = 0.95;

    /// <summary>Name of the unlearner that returns the target: the null that approximate unlearners are compared with.</summary>
    public const string Nothing = "nothing";

    /// <summary>Scores all rows.</summary>
    /// <param name="rowIds">Ids of the rows, which gives their order.</param>
    /// <param name="runs">For each unlearner, its trials and their results.</param>
    /// <param name="target">
    /// log(p_y / (1 − p_y)) of each row under the target, for the scores of doing nothing; <see langword="null"/> to leave them out.
    /// </param>
    /// <exception cref="ArgumentException">There is no unlearner, two have the same name, or an approximate one has no retrain pool.</exception>
    /// <exception cref="InvalidOperationException">A row has no outcome in one half of the trials, since none forgets it or all that do failed.</exception>
    public static IReadOnlyList<HardnessScores> Score(IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs, IReadOnlyList<float>? target = null)
    {
        ArgumentNullException.ThrowIfNull(rowIds);
        ArgumentNullException.ThrowIfNull(runs);
        UnlearnerSet.Check([.. runs.Select(run => run.Unlearner)]);
        var tables = Tables(rowIds, runs);
        var tolerance = Tolerance(runs, tables[0]);
        var nothing = target is null ? null : OfNothing(rowIds, runs, tables, target, tolerance);
        List<HardnessScores> scores = [];
        for (var i = 0; i < runs.Count; i++)
        {
            var outcome = ScoreOf(runs[i]);
            for (var half = 0; half < 2; half++)
                CheckCoverage(rowIds, runs, i, half, tables[half + 1][i], outcome);
            scores.Add(Of(rowIds, runs, tables, i, outcome, tolerance) with { Nothing = runs[i].Unlearner.IsExact ? null : nothing });
        }
        return scores;
    }

    /// <summary>Another outcome of an unlearner as a score. Rows may be NaN.</summary>
    /// <param name="rowIds">Ids of the rows.</param>
    /// <param name="runs">For each unlearner, its trials and their results.</param>
    /// <param name="tables">Their <see cref="Tables"/>.</param>
    /// <param name="unlearner">Place of the unlearner.</param>
    /// <param name="outcome">The outcome.</param>
    public static HardnessScores Score(
        IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs, IReadOnlyList<OutcomeTable>[] tables, int unlearner, Outcome outcome) =>
        Of(rowIds, runs, tables, unlearner, outcome, double.NaN);

    /// <summary>What residual memories are compared with.</summary>
    /// <param name="rowIds">Ids of the rows.</param>
    /// <param name="runs">For each unlearner, its trials and their results.</param>
    /// <param name="target">log(p_y / (1 − p_y)) of each row under the target.</param>
    /// <returns>
    /// Residual memory of each row in the target itself, <see langword="null"/> where there is no approximate unlearner;
    /// the 95 % quantile of the retrained models' own, NaN without a retrain pool;
    /// and μ_R and σ_R of each row, <see langword="null"/> where a row was never left out.
    /// </returns>
    public static (IReadOnlyList<double>? Nothing, double Tolerance, IReadOnlyList<(double Mean, double Deviation)>? Retrained) Baselines(
        IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs, IReadOnlyList<float> target)
    {
        var tables = Tables(rowIds, runs);
        var tolerance = Tolerance(runs, tables[0]);
        var retrained = Enumerable.Range(0, rowIds.Count).Select(row => tables[0][0].Pool?.LogitConfidence(row)).ToList();
        return (OfNothing(rowIds, runs, tables, target, tolerance)?.All, tolerance,
            retrained.Contains(null) ? null : [.. retrained.Select(normal => normal!.Value)]);
    }

    /// <summary>The outcome that an unlearner's score is.</summary>
    /// <param name="run">The unlearner and its results.</param>
    public static Outcome ScoreOf(UnlearnerRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return !run.Unlearner.IsExact ? Outcome.ResidualMemory
            : run.Run.Results.Any(result => result.ShardDisplacements is not null) ? Outcome.ShardDisplacement : Outcome.Displacement;
    }

    /// <summary>The outcomes of each unlearner: from all trials, then from each half.</summary>
    /// <param name="rowIds">Ids of the rows.</param>
    /// <param name="runs">For each unlearner, its trials and their results.</param>
    public static IReadOnlyList<OutcomeTable>[] Tables(IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs) =>
        [OutcomeTable.Of(rowIds, runs), OutcomeTable.Of(rowIds, runs, 0), OutcomeTable.Of(rowIds, runs, 1)];

    private static HardnessScores Of(
        IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs, IReadOnlyList<OutcomeTable>[] tables, int unlearner, Outcome outcome, double tolerance)
    {
        var columns = Array.ConvertAll(tables, table => table[unlearner].Column(outcome));
        // Hard is high, whatever the outcome.
        var sign = outcome == Outcome.HarmonicScore ? -1 : 1;
        double[][] halves = [Signed(columns[1].Means), Signed(columns[2].Means)];
        return new()
        {
            Unlearner = runs[unlearner].Unlearner.Name,
            Outcome = outcome,
            All = Signed(columns[0].Means),
            Halves = halves,
            FewestTrials = Math.Min(tables[1][unlearner].Coverage(outcome).Min(), tables[2][unlearner].Coverage(outcome).Min()),
            AboveNoise = outcome switch
            {
                Outcome.ResidualMemory => [.. columns[0].Means.Select(mean => mean > tolerance)],
                Outcome.Displacement or Outcome.ShardDisplacement =>
                    [.. columns[0].Means.Zip(
                        columns[0].StandardErrors, (mean, error) => mean > Math.Max(SmallestDisplacement, double.IsNaN(error) ? 0 : RankStatistics.Z * error))],
                _ => null,
            },
            Resample = Resampled,
        };

        double[] Signed(IReadOnlyList<double> means) => [.. means.Select(mean => sign * mean)];

        // A row that no drawn trial forgot keeps its score.
        IReadOnlyList<IReadOnlyList<double>> Resampled(int draw) => [.. halves.Select((own, half) =>
        {
            var random = new SeededRandom(Seed.Derive(draw, "bootstrap over trials", half));
            var drawn = OutcomeTable.Of(rowIds, runs, half, random)[unlearner].Column(outcome).Means;
            return own.Select((score, row) => double.IsNaN(drawn[row]) ? score : sign * drawn[row]).ToArray();
        })];
    }

    /// <summary>95 % quantile of the residual memory of the retrained models themselves, each against the others; NaN without a pool.</summary>
    private static double Tolerance(IReadOnlyList<UnlearnerRun> runs, IReadOnlyList<OutcomeTable> tables)
    {
        var at = UnlearnerRun.RetrainPoolAt(runs);
        if (at < 0)
            return double.NaN;
        double[] own = [.. tables[at].Values(Outcome.ResidualMemory).Order()];
        return own.Length == 0 ? double.NaN : own[(int)(ToleranceQuantile * (own.Length - 1))];
    }

    private static HardnessScores? OfNothing(
        IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs, IReadOnlyList<OutcomeTable>[] tables, IReadOnlyList<float> target, double tolerance)
    {
        if (tables[0][0].Pool is null || runs.All(run => run.Unlearner.IsExact))
            return null;
        var scores = Array.ConvertAll(tables, ofHalf => Array.ConvertAll([.. Enumerable.Range(0, rowIds.Count)],
            row => ofHalf[0].Pool!.LogitConfidence(row) is { } normal ? OutcomeFormulas.ResidualMemory(target[row], normal) : double.NaN));
        return Array.Exists(scores, of => Array.Exists(of, double.IsNaN))
            ? null
            : new()
            {
                Unlearner = Nothing,
                Outcome = Outcome.ResidualMemory,
                All = scores[0],
                Halves = [scores[1], scores[2]],
                AboveNoise = [.. scores[0].Select(score => score > tolerance)],
            };
    }

    private static void CheckCoverage(
        IReadOnlyList<string> rowIds, IReadOnlyList<UnlearnerRun> runs, int unlearner, int half, OutcomeTable table, Outcome outcome)
    {
        var coverage = table.Coverage(outcome);
        if (Array.IndexOf(coverage, 0) is not (>= 0 and var row))
            return;
        var run = runs[unlearner];
        if (!run.Unlearner.IsExact && table.Pool!.LogitConfidence(row) is null)
        {
            var pool = runs[UnlearnerRun.RetrainPoolAt(runs)];
            throw new InvalidOperationException(Missing(pool.Plan, pool.Run, half, rowIds[row]));
        }
        throw new InvalidOperationException(Missing(run.Plan, run.Run, half, rowIds[row]));
    }

    private static string Missing(TrialPlan plan, TrialRun run, int half, string rowId)
    {
        var failures = run.Of(plan).Failures;
        return $"No trial of {plan.Unlearner} in half {half} has an outcome of row '{rowId}'. "
            + (failures.Count == 0
                ? "Plan more trials or larger forget sets."
                : $"{TrialFailure.Summary(failures, plan.Trials.Count)} Remove the cause and run again, with the option to retry failed trials, "
                + "or plan more trials.");
    }
}
