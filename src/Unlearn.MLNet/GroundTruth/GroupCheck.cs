using Unlearn.MLNet.Statistics;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Trials.Running;

namespace Unlearn.MLNet.GroundTruth;

/// <summary>Scores of some rows from group trials and from single-row trials, to see whether a row is as hard in a group as alone.</summary>
internal static class GroupCheck
{
    private const int FewestRows = 3;

    /// <summary>
    /// Runs single-row trials of some rows and compares their scores with the group scores. The rows are spread evenly from the easiest to the
    /// hardest.
    /// </summary>
    /// <param name="run">
    /// Runs plans, as <see cref="TrialRunner"/> does. A ledger with the unlearner's group trials accepts single-row trials only if other plans are
    /// allowed.
    /// </param>
    /// <param name="rowIds">Ids of all rows.</param>
    /// <param name="groups">Group trials of the unlearners with their results. If the unlearner is approximate, exact retraining must be among them.</param>
    /// <param name="unlearner">Name of the unlearner to check.</param>
    /// <param name="rows">Number of rows to check, at least 3.</param>
    /// <param name="repetitions">
    /// Number of times that each half forgets each checked row, from 1. For an approximate unlearner, the pool's unlearner forgets each of them as
    /// well, at least twice a half.
    /// </param>
    /// <param name="seed">Root seed.</param>
    /// <param name="progress">Gets a report after every trial; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops the run; finished trials stay in the ledger.</param>
    /// <returns>The comparison. It leaves out a row if all of its trials in a half failed.</returns>
    /// <exception cref="ArgumentException">
    /// There are no group trials of the unlearner, or the number of rows to check is below 3 or above the number of rows.
    /// </exception>
    /// <exception cref="InvalidOperationException">So many trials failed that fewer than 3 rows are left.</exception>
    public static async Task<SingleRowResult> RunAsync(
        Func<IReadOnlyList<TrialPlan>, IProgress<TrialProgress>?, CancellationToken, Task<TrialRun>> run, IReadOnlyList<string> rowIds,
        IReadOnlyList<UnlearnerRun> groups,
        string unlearner, int rows, int repetitions, long seed, IProgress<TrialProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var index = groups.ToList().FindIndex(group => group.Unlearner.Name == unlearner);
        if (index < 0)
            throw new ArgumentException(
                $"There are no group trials of {unlearner}, only of {string.Join(", ", groups.Select(group => group.Unlearner.Name))}.", nameof(unlearner));
        if (rows < FewestRows || rows > rowIds.Count)
            throw new ArgumentException($"{rows} rows were to be checked: check at least {FewestRows}, and at most all {rowIds.Count}.", nameof(rows));

        var group = groups[index];
        var ofGroups = HardnessScorer.Score(rowIds, groups)[index];
        int[] byScore = [.. Enumerable.Range(0, rowIds.Count).OrderBy(row => ofGroups.All[row])];
        int[] chosen = [.. Enumerable.Range(0, rows).Select(i => byScore[(int)((i + 0.5) * rowIds.Count / rows)]).Order()];
        string[] ids = [.. chosen.Select(row => rowIds[row])];
        var plan = TrialPlanner.PlanSingleRows(unlearner, group.Plan.Context.Shared, ids, repetitions, seed);
        // An approximate unlearner is judged by models that lack the same row alone, at least two in each half.
        UnlearnerRun[] pools = group.Unlearner.IsExact
            ? []
            : [groups[UnlearnerRun.RetrainPoolAt(groups)]];
        TrialPlan[] plans =
        [
            .. pools.Select(pool => TrialPlanner.PlanSingleRows(pool.Unlearner.Name, pool.Plan.Context.Shared, ids, Math.Max(2, repetitions), seed)),
            plan,
        ];
        var results = await run(plans, progress, cancellationToken).ConfigureAwait(false);
        UnlearnerRun[] runs =
        [
            .. plans.Zip(pools.Append(group), (of, like) => new UnlearnerRun { Unlearner = like.Unlearner, Plan = of, Run = results.Of(of) }),
        ];

        double[][] ofHalves = [Single(0), Single(1)];
        // A row has no score in a half if all of its trials there failed.
        int[] scored = [.. Enumerable.Range(0, chosen.Length).Where(i => !double.IsNaN(ofHalves[0][i] + ofHalves[1][i]))];
        if (scored.Length < FewestRows)
            throw new InvalidOperationException($"Only {scored.Length} of {rows} rows have an outcome in both halves of the single-row trials of {unlearner}. "
                + $"{TrialFailure.Summary(results.Failures, plan.Trials.Count)}");
        double[] single = Scored(Single(null)), ofChosen = Scored(Of(ofGroups.All));
        double[][] halves = [.. ofHalves.Select(Scored)], groupHalves = [.. ofGroups.Halves.Select(half => Scored(Of(half)))];
        return new()
        {
            Unlearner = unlearner,
            RowIds = [.. scored.Select(i => rowIds[chosen[i]])],
            GroupScores = ofChosen,
            SingleRowScores = single,
            Spearman = RankStatistics.Spearman(ofChosen, single),
            GroupReliability = RankStatistics.Spearman(groupHalves[0], groupHalves[1]),
            SingleRowReliability = RankStatistics.Spearman(halves[0], halves[1]),
            SingleRowHalves = halves,
            SpearmanAcrossHalves = (RankStatistics.Spearman(groupHalves[0], halves[1]) + RankStatistics.Spearman(groupHalves[1], halves[0])) / 2,
        };

        double[] Scored(double[] scores) => [.. scored.Select(i => scores[i])];

        double[] Single(int? half) => Of(OutcomeTable.Of(rowIds, runs, half)[^1].Column(ofGroups.Outcome!.Value).Means);

        double[] Of(IReadOnlyList<double> scores) => [.. chosen.Select(row => scores[row])];
    }
}
